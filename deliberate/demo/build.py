"""Fill an empty database with the demonstration, through the same acts that members use, dated back over seven weeks."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine, delete, exists, select
from sqlalchemy.orm import Session

from deliberate.core.drafting import clauses
from deliberate.core.errors import Conflict
from deliberate.core.ledger.note import Signer
from deliberate.demo import people, texts
from deliberate.demo.ending import end
from deliberate.models import Assembly, Base, Member, Motion, OutboxMessage, Person, Poll, Role
from deliberate.services import (
    amendments,
    assemblies,
    casting,
    checkpoints,
    debate,
    definitions,
    drafts,
    logins,
    motions,
    polls,
    supports,
    versions,
)
from deliberate.services.act import Act, day_of, now
from deliberate.services.boxes import Cast
from deliberate.services.motions import Writing
from deliberate.services.polls import Spec

ZONE = "Europe/Berlin"

log = structlog.get_logger()

SLUG = "northside"


def held(db: Session) -> str:
    """The first table that has a row, or nothing in an empty database."""
    tables = Base.metadata.sorted_tables
    return next((table.name for table in tables if db.scalar(select(exists(select(1).select_from(table))))), "")


def refuse_full(db: Session) -> None:
    """Raise Conflict ``demo.full`` for a database that holds anything."""
    table = held(db)
    if table:
        raise Conflict(
            f"This database holds something already{'' if table == 'assembly' else f' (table {table})'}.",
            "The demonstration is only for an empty database.",
            "Choose another one with --database.",
            "demo.full",
        )


class Demo:
    """The demonstration as it is built: one transaction for each act, at a moment of its own."""

    def __init__(self, engine: Engine, key: Signer, site: str, origin: str) -> None:
        self.engine, self.key, self.site, self.origin = engine, key, site, origin
        self.start = now() - timedelta(days=49)
        self.at = self.start
        self.draws = 0

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.at += timedelta(**span)
        return self.at

    def evening(self, days: int) -> datetime:
        """Six in the evening of the assembly, so many days from now."""
        return (now().astimezone(ZoneInfo(ZONE)) + timedelta(days=days)).replace(
            hour=18, minute=0, second=0, microsecond=0
        )

    def by(self, db: Session, name: str | None) -> Act:
        """An act of the member of this name, at the present moment of the story."""
        assembly = db.scalars(select(Assembly)).first()
        assert assembly is not None
        member = db.scalars(select(Member).where(Member.name == name)).one() if name else None
        return Act(db, assembly, self.at, member, member.person if member else None, self.site)

    def chance(self, most: int) -> int:
        """A number below ``most``; the same in every demonstration."""
        self.draws += 1
        return int.from_bytes(hashlib.sha256(f"northside {self.draws}".encode()).digest()[:6], "big") % most

    def build(self) -> None:
        """All of it, in the order in which it happened."""
        self.found()
        decided = [self.motion(texts.COMPOST, "Nadia Rahman", 20), self.motion(texts.POOL, "Felix Wagner", 20)]
        self.decide(decided[0], open_=True, favour=8)
        self.election_of_treasurer()
        self.decide(decided[1], open_=False, favour=3)
        self.side_states()
        self.warm_homes()
        self.gathering()
        self.open_polls()
        self.discussion()
        self.finish()

    def found(self) -> None:
        """The assembly, its sixty members, their offices, and those who can log in."""
        with Session(self.engine) as db, db.begin():
            refuse_full(db)
            assembly = assemblies.found(
                db,
                people.ASSEMBLY,
                SLUG,
                self.origin,
                self.at,
                ZONE,
                {
                    "support_count": 10,
                    "support_sections": 4,
                    "support_days": 21,
                    "quorum": "1/4",
                    "preamble": "The rules of Northside Co-operatives, an invented federation of ninety houses in ten neighbourhoods. Sixty members sit in its assembly.",
                },
            )
            password = logins.hashed(people.PASSWORD)
            for number, name, email, house in people.members():
                member = Member(
                    assembly_id=assembly.id,
                    number=number,
                    name=name,
                    email=email,
                    section=house,
                    joined_on=day_of(assembly, self.at - timedelta(days=400)),
                    created_at=self.at,
                )
                db.add(member)
                if name in people.LOGINS:
                    member.person = Person(name=name, email=email, password=password, created_at=self.at)
                if name in people.OFFICES:
                    member.roles.append(Role(role=people.OFFICES[name], starts_at=self.at))

    def motion(self, text: texts.Text, mover: str, backers: int, to: str = "fixed") -> int:
        """A motion with its supporters, moved on to a state. Returns its id."""
        self.later(hours=7)
        with Session(self.engine) as db, db.begin():
            act = self.by(db, mover)
            motion_id = motions.propose(act, Writing(text.title, text.text, text.reason)).id
        for name in self.others(mover)[:backers]:
            self.later(minutes=37)
            with Session(self.engine) as db, db.begin():
                motion = db.get_one(Motion, motion_id)
                if motion.state != "submitted":
                    break
                supports.support(self.by(db, name), motion)
        steps = {"submitted": (), "seconded": (), "debate": ("motion.admit",), "fixed": ("motion.admit", "motion.fix")}
        for step in steps[to]:
            self.later(hours=30)
            with Session(self.engine) as db, db.begin():
                motions.move_on(self.by(db, "Marit Solheim"), db.get_one(Motion, motion_id), step)
        return motion_id

    def others(self, but: str) -> list[str]:
        """Members without an office in an order of chance, the mover left out."""
        names = [
            name
            for _, name, _, _ in people.members()
            if name != but and name not in people.OFFICES and name != "Amara Osei"
        ]
        return sorted(names, key=lambda name: hashlib.sha256(f"{but} {name}".encode()).digest())

    def poll(self, spec: dict[str, Any], motion_id: int | None = None, open_: bool = True) -> int:
        """A poll prepared by the secretary and opened by the chair. Returns its id."""
        self.later(hours=3)
        with Session(self.engine) as db, db.begin():
            motion = db.get_one(Motion, motion_id) if motion_id else None
            poll_id = polls.prepare(self.by(db, "Dele Akande"), Spec(**spec, motion=motion)).id
        self.later(hours=2)
        if open_:
            with Session(self.engine) as db, db.begin():
                polls.open_(self.by(db, "Marit Solheim"), db.get_one(Poll, poll_id), self.key.verifier.vkey())
        return poll_id

    def vote(self, poll_id: int, share: int, ballot: Any, but: tuple[str, ...] = ()) -> None:
        """Members vote, ``share`` of a hundred of them; ballot(n) gives the ballot of the n-th."""
        with Session(self.engine) as db:
            poll = db.get_one(Poll, poll_id)
            lines = [(line.roll, line.member.name) for line in definitions.electorate(db, poll, self.at)]
        casts = []
        for n, (roll, name) in enumerate(
            sorted(lines, key=lambda one: hashlib.sha256(f"{poll_id} {one[1]}".encode()).digest())
        ):
            if self.chance(100) < share and name not in but:
                self.later(minutes=3)
                key = hashlib.sha256(f"key {poll_id} {n}".encode()).hexdigest()[:32]
                nonce = hashlib.sha256(self.key.seed + f"nonce {poll_id} {n}".encode()).hexdigest()[:32]
                casts.append(Cast(poll_id, roll, ballot(n), key, nonce, self.at))
        for answer in casting.store(self.engine, casts):
            assert isinstance(answer, str), answer

    def end(self, poll_id: int) -> None:
        """Close, count, publish, twenty minutes apart."""

        def by(db: Session) -> Act:
            self.later(minutes=20)
            return self.by(db, "Marit Solheim")

        end(self.engine, poll_id, by)

    def decide(self, motion_id: int, open_: bool, favour: int) -> None:
        """Put a motion, let the members vote, publish. favour: of ten, how many are for it."""
        with Session(self.engine) as db:
            title = db.get_one(Motion, motion_id).title
        poll_id = self.poll(
            {
                "title": title,
                "question": "Shall the motion be carried?",
                "method": "motion",
                "rules": {"threshold": "1/2" if open_ else "2/3", "strict": open_, "quorum": {"fraction": "1/4"}},
                "mode": "open" if open_ else "confidential",
                "closes_at": self.at + timedelta(days=3),
            },
            motion_id,
        )

        def ballot(_n: int) -> dict[str, Any]:
            roll = self.chance(10)
            mark = "abstain" if self.chance(12) == 0 else "yes" if roll < favour else "no"
            return {"kind": "choice", "marks": [mark]}

        self.vote(poll_id, 80, ballot)
        self.end(poll_id)

    def election_of_treasurer(self) -> None:
        """A published election by instant run-off."""
        poll_id = self.poll(
            {
                "title": "A treasurer for two years",
                "question": "Whom shall we elect as treasurer?",
                "method": "irv",
                "options": texts.TREASURERS,
                "mode": "confidential",
                "closes_at": self.at + timedelta(days=4),
            }
        )
        self.vote(poll_id, 85, lambda _n: self.ranking(4, (34, 30, 20, 16)))
        self.end(poll_id)

    def ranking(self, options: int, weights: tuple[int, ...]) -> dict[str, Any]:
        """A ranking drawn option by option, the likelier first; some are cut short."""
        left = {n: weights[n] for n in range(options)}
        ranks: list[list[str]] = []
        for _ in range(1 + self.chance(options) if self.chance(3) else options):
            at = self.chance(sum(left.values()))
            chosen = next(iter(left))
            for n, weight in left.items():
                at -= weight
                if at < 0:
                    chosen = n
                    break
            ranks.append([f"o{chosen + 1}"])
            del left[chosen]
            if not left:
                break
        return {"kind": "ranking", "ranks": ranks}

    def side_states(self) -> None:
        """Motions that ended otherwise, or wait: withdrawn, referred back, seconded, text fixed."""
        withdrawn = self.motion(texts.PETS, "Lena Fischer", 3, "submitted")
        referred = self.motion(texts.WIFI, "Arjun Mehta", 20, "debate")
        self.motion(texts.LIBRARY, "Julia Nowak", 20, "seconded")
        self.motion(texts.SOLAR, "Kofi Mensah", 20, "fixed")
        self.later(hours=5)
        with Session(self.engine) as db, db.begin():
            motions.move_on(self.by(db, "Lena Fischer"), db.get_one(Motion, withdrawn), "motion.withdraw")
        with Session(self.engine) as db, db.begin():
            motions.move_on(
                self.by(db, "Marit Solheim"),
                db.get_one(Motion, referred),
                "motion.refer",
                "The offers are not in yet. The movers bring them to the next sitting.",
            )

    def warm_homes(self) -> None:
        """The motion in debate, with an accepted amendment and three that wait."""
        self.at = max(self.at, now() - timedelta(days=19))
        motion_id = self.warm = self.motion(texts.WARM, "Ilse Brandt", 20, "debate")
        accepted = self.amend(motion_id, *texts.FRIENDLY)
        self.later(hours=20)
        with Session(self.engine) as db, db.begin():
            amendments.accept(self.by(db, "Ilse Brandt"), db.get_one(amendments.Amendment, accepted))
        for amendment in texts.AMENDMENTS:
            self.amend(motion_id, *amendment)

    def discussion(self) -> None:
        """The lively debate of the last days on the motion, one contribution hidden; a draft that waits for its author."""
        motion_id = self.warm
        self.at = max(self.at, now() - timedelta(hours=40))
        for who, side, words, answers in texts.DEBATE:
            said = self.say(motion_id, who, words, side)
            for other, answer in answers:
                self.say(motion_id, other, answer, "neutral", said)
        self.later(hours=1)
        with Session(self.engine) as db, db.begin():
            debate.hide(
                self.by(db, "Mireille Petit"),
                db.get_one(debate.Comment, said),
                "It says nothing of the motion and speaks of people, not of reasons (rule 5.3).",
            )
        with Session(self.engine) as db, db.begin():
            drafts.save(self.by(db, "Amara Osei"), Writing(*texts.DRAFT))

    def amend(self, motion_id: int, mover: str, changed: dict[str, str], added: str, reason: str) -> int:
        """An amendment that changes the clauses which begin with certain words. Returns its id."""
        self.later(hours=9)
        with Session(self.engine) as db, db.begin():
            act, motion = self.by(db, mover), db.get_one(Motion, motion_id)
            base = versions.latest(db, motion)
            text = clauses.from_json(base.clauses)
            by_id = {c.id: words for c in text for start, words in changed.items() if c.text.startswith(start)}
            after = {versions.parts(base).text[-1].id: added} if added else {}
            return amendments.submit(act, motion, base, amendments.edited(text, by_id, after), reason).id

    def say(self, motion_id: int, who: str, words: str, side: str, parent: int | None = None) -> int:
        """A contribution to the debate. Returns its id."""
        self.later(hours=2, minutes=11)
        with Session(self.engine) as db, db.begin():
            act, motion = self.by(db, who), db.get_one(Motion, motion_id)
            return debate.say(act, motion, words, side, db.get_one(debate.Comment, parent) if parent else None).id

    def gathering(self) -> None:
        """Motions that gather support now."""
        self.at = max(self.at, now() - timedelta(days=11))
        self.motion(texts.GUESTS, "Bao Nguyen", 7, "submitted")
        self.motion(texts.VAN, "Elena Popescu", 5, "submitted")
        self.motion(texts.QUIET, "Samir Khoury", 2, "submitted")

    def open_polls(self) -> None:
        """An open vote on a motion, and an election with seven candidates, both running now."""
        bikes = self.motion(texts.BIKES, "Hanna Virtanen", 20)
        motion_id = self.motion(texts.REPAIR, "Owen Prichard", 20)
        self.at = min(self.at, now() - timedelta(hours=54))
        with Session(self.engine) as db, db.begin():
            polls.prepare(
                self.by(db, "Dele Akande"),
                Spec(
                    "Covered places for bicycles",
                    "Shall the motion be carried?",
                    "motion",
                    motion=db.get_one(Motion, bikes),
                ),
            )
        motion_poll = self.poll(
            {
                "title": "A repair day on the first Saturday",
                "question": "Shall the motion be carried?",
                "method": "motion",
                "rules": {"quorum": {"fraction": "1/4"}},
                "mode": "open",
                "revote": "until_close",
                "closes_at": self.evening(5),
            },
            motion_id,
        )
        self.vote(
            motion_poll,
            45,
            lambda _n: {"kind": "choice", "marks": ["yes" if self.chance(10) < 7 else "no"]},
            people.LOGINS,
        )
        election = self.poll(
            {
                "title": "Three members of the board",
                "question": "Rank as many as you like. Three are elected.",
                "method": "scottish-stv",
                "options": texts.CANDIDATES,
                "seats": 3,
                "mode": "confidential",
                "revote": "until_close",
                "closes_at": self.evening(1),
            }
        )
        self.vote(election, 60, lambda _n: self.ranking(7, (30, 19, 15, 12, 9, 9, 6)), people.LOGINS)

    def finish(self) -> None:
        """Sign the heads of all ledgers; those who log in find news of the last days."""
        with Session(self.engine) as db, db.begin():
            assembly = db.scalars(select(Assembly)).one()
            for member in db.scalars(select(Member).where(Member.person_id.is_not(None))):
                member.looked_from = max(0, assembly.ledger.size - 40)
            db.execute(delete(OutboxMessage).where(OutboxMessage.kind == "decision"))  # of long ago
        checkpoints.sign_due(self.engine, self.key)
