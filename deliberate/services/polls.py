"""Polls: prepare, open (freeze), close, void. Counting and publishing are in ``results``, ballots in ``casting``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, delete, func, select
from sqlalchemy.orm import Session

from deliberate import __version__
from deliberate.core import tally
from deliberate.core.drafting.text import normal
from deliberate.core.errors import Conflict, DeliberateError, NotFound
from deliberate.core.ledger import canonical, entries
from deliberate.core.orders import step
from deliberate.core.sentences import mark, mark_many
from deliberate.models import Amendment, Assembly, LedgerEntry, Motion, Option, Participation, Pending, Poll, RollEntry
from deliberate.services import amendments, definitions, ledger, search, standing
from deliberate.services.act import Act

MOTION_OPTIONS = (("yes", "Yes"), ("no", "No"), ("abstain", "Abstain"))
MOST_OPTIONS = 255
LONGEST_NAME = 200
USUAL = ("motion", "plurality", "irv", "scottish-stv")
OTHERS = (
    *("smith-irv", "benham", "wigm", "wigm-prf", "wigm-prf-batch", "meek", "meek-prf", "ers97"),
    *("schulze", "ranked-pairs", "minimax", "copeland", "borda"),
)
OFFERED = USUAL + OTHERS
"""Methods of polls, in the order of the chooser: those whose ballots can be cast here, that need no settings which a form
does not have, and whose count the verifier repeats."""


@dataclass(frozen=True)
class Spec:
    """What is asked, of whom, by which rules: the form of a poll before it opens."""

    title: str
    question: str
    method: str
    options: Sequence[tuple[str, str]] = ()  # (name, about) in declared order; a motion needs none
    seats: int = 1
    rules: Mapping[str, Any] = field(default_factory=dict)
    mode: str = "confidential"
    revote: str = "never"
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    motion: Motion | None = None
    amendment: Amendment | None = None


def prepare(act: Act, spec: Spec) -> Poll:
    """Prepare a poll. Its number is given at once; everything else can change until it opens."""
    act.may("poll.prepare")
    poll = Poll(
        assembly_id=act.assembly.id,
        assembly=act.assembly,
        number=_number(act),
        state="prepared",
        by_id=act.actor.id,
        created_at=act.now,
        lots=[],
    )
    _fill(act, poll, spec)
    act.db.add(poll)
    act.db.flush()
    act.record("poll.prepared", f"poll:{poll.public_id}", **_about(poll))
    return poll


def edit(act: Act, poll: Poll, spec: Spec) -> Poll:
    """Change a poll that has not opened."""
    act.may("poll.edit", poll.state)
    poll.options.clear()
    act.db.flush()
    _fill(act, poll, spec)
    act.record("poll.edited", f"poll:{poll.public_id}", **_about(poll))
    return poll


def _about(poll: Poll) -> dict[str, Any]:
    said: dict[str, Any] = {"method": poll.method, "mode": poll.mode, "number": poll.number}
    if poll.motion is not None:
        said["motion"] = poll.motion.public_id
    if poll.amendment is not None:
        said["amendment"] = poll.amendment.public_id
    return said


def _number(act: Act) -> str:
    used = act.db.scalar(select(func.count()).select_from(Poll).where(Poll.assembly_id == act.assembly.id)) or 0
    return f"{act.orders.poll_prefix}{used + 1}"


def _fill(act: Act, poll: Poll, spec: Spec) -> None:
    if spec.method not in OFFERED:
        raise DeliberateError(
            mark('A poll cannot be counted by "%(method)s".', method=spec.method),
            "Polls are counted by the methods whose ballots can be cast here and whose count the verifier repeats.",
            mark("Choose one of: %(methods)s.", methods=", ".join(OFFERED)),
            "poll.method",
            {"method": "Choose a method."},
        )
    method = tally.METHODS[spec.method]
    title = _line(spec.title)
    if not title:
        raise DeliberateError(
            "The poll has no title.",
            "Members choose by it.",
            "Give it a title.",
            "poll.title",
            {"title": "Give the poll a title."},
        )
    _check_subject(act, spec)
    options = MOTION_OPTIONS if spec.method == "motion" else _options(spec)
    if spec.opens_at is not None:
        act.may("poll.open", "prepared")
    _check_times(act, spec)
    if not 1 <= spec.seats <= MOST_OPTIONS:
        raise _bad("seats", mark("Seats are 1 or more."), mark("%(seats)s was given.", seats=spec.seats))
    poll.title, poll.question = title, normal(spec.question).strip()
    poll.method, poll.ballot, poll.seats = spec.method, method.ballot, spec.seats
    poll.rules = tally.rules(spec.method, **{k: v for k, v in spec.rules.items() if k != "method"})
    if poll.rules.get("threshold") == "0":
        raise _bad("threshold", mark("A majority of nothing would carry everything."), mark("Write a share such as 1/2."))
    if poll.rules.get("constraints"):
        raise _bad(
            "constraints",
            mark("A poll cannot be counted under constraints."),
            mark("The verifier does not repeat such a count."),
        )
    poll.mode, poll.revote = spec.mode, spec.revote
    poll.opens_at, poll.closes_at = spec.opens_at, spec.closes_at
    poll.motion, poll.amendment = spec.motion, spec.amendment
    poll.options = [
        Option(position=n, key=key, name=name, about=about)
        for n, (key, name, about) in enumerate(_keyed(spec.method, options), 1)
    ]


def _check_subject(act: Act, spec: Spec) -> None:
    """An assembly decides its own motions and amendments only."""
    subject = spec.amendment.motion if spec.amendment is not None else spec.motion
    if subject is not None and subject.assembly_id != act.assembly.id:
        raise NotFound(
            "There is no such motion in this assembly.",
            "A poll decides a motion or amendment of its own assembly.",
            "Start from the page of the motion.",
            "poll.subject",
        )


def _keyed(method: str, options: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    if method == "motion":
        return [(key, name, "") for key, name in options]
    return [
        (f"o{n}", name, normal(about).strip()) for n, (name, about) in enumerate(options, 1)
    ]


def _options(spec: Spec) -> list[tuple[str, str]]:
    options = [(name, about) for name, about in ((_line(name), about) for name, about in spec.options) if name]
    seen: set[str] = set()
    for name, _ in options:
        if len(name) > LONGEST_NAME:
            raise _bad(
                "options",
                mark('The name "%(name)s..." has %(size)s characters.', name=name[:40], size=len(name)),
                mark("The limit is %(most)s.", most=LONGEST_NAME),
            )
        if name.casefold() in seen:
            raise _bad(
                "options", mark('Two options are named "%(name)s".', name=name), mark("Each name may stand once.")
            )
        seen.add(name.casefold())
    if not 1 <= len(options) <= MOST_OPTIONS:
        raise _bad(
            "options",
            mark_many("There is one option.", "There are %(num)s options.", len(options)),
            mark("A poll has 1 to %(most)s.", most=MOST_OPTIONS),
        )
    return options


def _line(given: str) -> str:
    """A text of one line, without anything that cannot be seen: two names that look alike are one name."""
    return " ".join(normal(given).split())


def _bad(name: str, what: str, why: str) -> DeliberateError:
    return DeliberateError(
        what,
        why,
        "Correct the form and send it again.",
        f"poll.{name}",
        {name: mark("%(what)s %(why)s", what=what, why=why)},
    )


def _check_times(act: Act, spec: Spec) -> None:
    if spec.opens_at is not None and spec.opens_at <= act.now:
        raise _bad("opens_at", mark("The opening lies in the past."), mark("Leave it empty to open by hand."))
    if spec.closes_at is not None and spec.closes_at <= (spec.opens_at or act.now):
        raise _bad("closes_at", mark("The close lies before the opening."), mark("Choose a later time."))


def open_(act: Act, poll: Poll, vkey: str, clock: bool = False) -> Poll:
    """Open a poll: question, options, rules and roll are frozen and hashed, and cannot change any more.

    vkey: the ledger key that will sign this poll's checkpoints. clock: at the time that the chair has set.
    """
    if not clock:
        act.may("poll.open", poll.state)
    elif poll.state != "prepared" or poll.opens_at is None or poll.opens_at > act.now:
        raise Conflict("This poll does not open now.", "It opens at the time that was set.", "", "poll.time")
    if poll.closes_at is not None and poll.closes_at <= act.now:
        raise _bad("closes_at", mark("The close lies in the past."), mark("Change it before opening."))
    poll.opened_at, poll.state = act.now, "open"
    roll = definitions.freeze_roll(act.db, poll, act.now)
    rules = frozen_rules(act.db, poll, roll)
    origins = _origins(act, poll)
    poll.rules = rules
    poll.definition = definitions.define(act.db, poll, roll, rules, origins, vkey)
    _put(act, poll)
    digest = hashlib.sha256(poll.definition).hexdigest()
    assert poll.ledger is not None
    ledger.append(
        act.db,
        poll.ledger,
        "open",
        at=act.now,
        by=_by(act),
        data={
            "definition": digest,
            "roll_root": roll["root"],
            "roll_size": roll["size"],
            "method": poll.method,
            "rules": rules,
            "keys": {"ledger": vkey},
            "witness": {"k": 0, "of": []},
            "code": __version__,
        },
    )
    options = " ".join(option.name for option in poll.options)
    search.index(
        act.db,
        act.assembly.id,
        "poll",
        poll.public_id,
        f"{poll.number} {poll.title}",
        f"{poll.question} {options}",
        act.now,
    )
    act.record("poll.opened", f"poll:{poll.public_id}", definition=digest, ledgers=heads(poll), clock=clock)
    return poll


def frozen_rules(db: Session, poll: Poll, roll: dict[str, Any]) -> dict[str, Any]:
    """The rules with every default, and with the roll where a majority or quorum is measured on it."""
    given = {k: v for k, v in poll.rules.items() if k not in {"method", "roll"}}
    if "roll" in tally.METHODS[poll.method].options:
        given["roll"] = {"heads": roll["size"], "weight": roll["weight"]}
    made: dict[str, Any] = tally.rules(poll.method, **given)
    whole = tally.METHODS[poll.method].whole_weights
    weights = set(db.scalars(select(RollEntry.weight).where(RollEntry.poll_id == poll.id))) if whole else set()
    if any(weight.denominator > 1 for weight in weights):
        raise Conflict(
            "This method cannot count the weights of the roll.",
            mark("%(method)s takes whole weights only.", method=poll.method),
            "Choose another method, or change the weights.",
            "poll.weights",
        )
    return made


def _by(act: Act) -> str | None:
    return act.member.commitment if act.member else None


def _origins(act: Act, poll: Poll) -> dict[str, str]:
    base = act.assembly.ledger.origin
    poll.ledger = ledger.create(act.db, "poll", f"{base}/polls/{poll.public_id}")
    origins = {"assembly": base, "poll": poll.ledger.origin}
    if poll.mode != "open":
        poll.box = ledger.create(act.db, "box", f"{poll.ledger.origin}/box")
        origins["box"] = poll.box.origin
    return origins


def _put(act: Act, poll: Poll) -> None:
    """The motion or amendment that the poll decides is now put."""
    if poll.amendment is not None:
        amendments.put(act, poll.amendment)
    elif poll.motion is not None:
        amendments.none_put(act, poll.motion)
        poll.motion.state = step(poll.motion.state, "motion.put")
        poll.motion.changed_at = act.now


def heads(poll: Poll) -> dict[str, Any]:
    """Heads of the poll's ledgers, for embedding in the assembly ledger."""
    assert poll.ledger is not None
    found = {"poll": ledger.head(poll.ledger)}
    if poll.box is not None:
        found["box"] = ledger.head(poll.box)
    return found


def is_open(poll: Poll, now: datetime) -> bool:
    """Whether a ballot that arrives now counts: by the clock, whether or not the close has been written."""
    return poll.state == "open" and (poll.closes_at is None or now <= poll.closes_at)


def stands(poll: Poll, now: datetime) -> str:
    """The state as members see it: an open poll whose time is over is closed."""
    return "closed" if poll.state == "open" and not is_open(poll, now) else poll.state


def close(act: Act, poll: Poll, clock: bool = False) -> Poll:
    """Close a poll. After this its ballot box never changes, so anyone may count it, again and again."""
    if clock and (poll.state != "open" or is_open(poll, act.now)):
        raise Conflict("This poll does not close now.", "It closes at its time.", "", "poll.time")
    if not clock:
        act.may("poll.close", poll.state)
    assert poll.ledger is not None
    held = ledger.lock(act.db, poll.ledger)
    act.db.refresh(poll, ["state"])
    if poll.state != "open":
        raise Conflict(
            "This poll is already closed.", "It was closed at the same moment.", "Reload the page.", "poll.state"
        )
    act = replace(act, now=max(act.now, _latest(act.db, poll)))
    data: dict[str, Any] = {
        "reason": "clock" if clock or not is_open(poll, act.now) else "act",
        "participations": turnout(act.db, poll),
    }
    if poll.box is not None:
        data["ballots"] = flush(act.db, poll)
        data["box"] = {k: v for k, v in ledger.head(poll.box).items() if k != "origin"}
    else:
        data["ballots"] = (
            act.db.scalar(
                select(func.count())
                .select_from(LedgerEntry)
                .where(LedgerEntry.ledger_id == held.id, LedgerEntry.kind.in_(("cast", "replace")))
            )
            or 0
        )
    ledger.append(act.db, poll.ledger, "close", at=act.now, by=_by(act), data=data)
    poll.state, poll.closed_at = "closed", act.now
    act.record("poll.closed", f"poll:{poll.public_id}", ledgers=heads(poll), reason=data["reason"])
    return poll


def _latest(db: Session, poll: Poll) -> datetime:
    """When the last open ballot came in, or the opening: a close that waited for ballots to be written is after them."""
    assert poll.opened_at is not None
    written = func.substr(
        LedgerEntry.body, 8, 24, type_=LargeBinary
    )  # an entry begins {"at":"2026-11-24T11:20:31.123Z"
    last: bytes | None = db.scalar(
        select(written)
        .where(LedgerEntry.ledger_id == poll.ledger_id, LedgerEntry.kind.in_(("cast", "replace")))
        .order_by(written.desc())
        .limit(1)
    )
    return poll.opened_at if last is None else max(poll.opened_at, entries.parse_moment(last.decode()))


def flush(db: Session, poll: Poll) -> int:
    """Seal the box: all waiting ballots go into the box ledger in one batch, sorted by leaf hash. Returns how many."""
    assert poll.box is not None
    held = ledger.lock(db, poll.box)
    rows = db.execute(
        select(Pending.hash, Pending.body).where(Pending.ledger_id == held.id).order_by(Pending.hash)
    ).all()
    ledger.extend(db, held, [(canonical.decode(body)["kind"], "", body) for _, body in rows])
    db.execute(delete(Pending).where(Pending.ledger_id == held.id))
    return len(rows)


def turnout(db: Session, poll: Poll) -> int:
    """How many members have voted."""
    return db.scalar(select(func.count()).select_from(Participation).where(Participation.poll_id == poll.id)) or 0


def roll_size(db: Session, poll: Poll) -> int:
    """How many members may vote."""
    return db.scalar(select(func.count()).select_from(RollEntry).where(RollEntry.poll_id == poll.id)) or 0


def void(act: Act, poll: Poll, reason: str) -> Poll:
    """Declare a poll void, with a reason. It is never reopened; the question may be asked again in a new poll."""
    act.may("poll.void", poll.state)
    reason = normal(reason).strip()
    if len(reason) < 10:
        raise _bad("reason", mark("The reason is too short."), mark("Members and auditors read it; write a sentence."))
    if poll.state == "open":
        close(Act(act.db, act.assembly, act.now, act.member, act.person), poll)
    if poll.ledger is not None:
        ledger.append(
            act.db,
            poll.ledger,
            "admin",
            at=act.now,
            by=_by(act),
            data={"act": "void", "reason": hashlib.sha256(reason.encode()).hexdigest()},
        )
    poll.state, poll.void_reason = "void", reason
    unput(poll)
    act.record("poll.voided", f"poll:{poll.public_id}", reason=hashlib.sha256(reason.encode()).hexdigest())
    return poll


def unput(poll: Poll) -> None:
    """The motion or amendment that was put waits again as it did before."""
    if poll.amendment is not None and poll.amendment.state == "put":
        poll.amendment.state = "submitted"
    elif poll.motion is not None and poll.motion.state == "put":
        poll.motion.state = step("put", "motion.unput")


def due(db: Session, now: datetime) -> tuple[list[Poll], list[Poll]]:
    """Polls that the clock must open, and close, now."""
    opening = db.scalars(select(Poll).where(Poll.state == "prepared", Poll.opens_at <= now).order_by(Poll.opens_at))
    closing = db.scalars(select(Poll).where(Poll.state == "open", Poll.closes_at < now).order_by(Poll.closes_at))
    return list(opening), list(closing)


def has_voted(act: Act, poll: Poll) -> Participation | None:
    """The member's participation, if they have voted."""
    line = standing.roll_of(act, poll)
    return None if line is None else act.db.get(Participation, (poll.id, line.roll))


def voter(act: Act, poll: Poll) -> RollEntry:
    """The member's line on the roll. Raises the refusal of the standing orders for everybody else."""
    act.may("poll.cast", stands(poll, act.now), standing.words(act, poll))
    line = standing.roll_of(act, poll)
    assert line is not None
    return line


def waits_for(act: Act) -> ColumnElement[bool]:
    """What holds of an open poll in which the member has not yet voted."""
    voted = (
        select(Participation.roll)
        .where(Participation.poll_id == Poll.id, Participation.roll == RollEntry.roll)
        .exists()
    )
    may = select(RollEntry.roll).where(RollEntry.poll_id == Poll.id, RollEntry.member_id == act.actor.id, ~voted)
    still = (Poll.closes_at.is_(None)) | (Poll.closes_at >= act.now)
    return (Poll.state == "open") & still & may.exists()


def listed(
    db: Session, assembly: Assembly, state: str = "", limit: int = 20, offset: int = 0
) -> tuple[list[Poll], int]:
    """Polls, the newest first, and how many there are."""
    query = select(Poll).where(Poll.assembly_id == assembly.id)
    if state:
        query = query.where(Poll.state == state)
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(db.scalars(query.order_by(Poll.id.desc()).limit(limit).offset(offset))), total


def archived(db: Session, assembly: Assembly, limit: int = 20, offset: int = 0) -> tuple[list[Poll], int]:
    """Published polls of the installation's other assemblies: counts of elsewhere, kept to be looked at and verified."""
    query = select(Poll).where(Poll.assembly_id != assembly.id, Poll.state == "published")
    total = db.scalar(select(func.count()).select_from(query.subquery())) or 0
    return list(db.scalars(query.order_by(Poll.id.desc()).limit(limit).offset(offset))), total
