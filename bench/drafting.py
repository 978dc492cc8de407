"""A motion with 200 amendments and 500 changes: how long its pages and one more amendment take."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session
from webob import Request

from bench.probe import probed
from deliberate import main
from deliberate.core.drafting import clauses
from deliberate.models import Amendment, Assembly, Member, Motion, Person, engine
from deliberate.services import amendments, assemblies, logins, migrations, motions, versions
from deliberate.services.act import Act, now

CLAUSES, AMENDMENTS, CHANGES = 60, 200, 500
WORDS = "board member house heat roof water price year report share cost plan garden room fund street light".split()


def prepare(url: str) -> tuple[str, list[str], str]:
    """An assembly with one much amended motion: (motion, its amendments, token of a log-in)."""
    made = engine(url)
    migrations.migrate(made)
    chance = random.Random(7)
    with Session(made) as db, db.begin():
        assembly = assemblies.found(db, "Bench", "bench", "bench.example", now())
        since = now() - timedelta(days=10)
        person = Person(name="Ada", email="ada@bench.example", created_at=since)
        member = Member(
            assembly=assembly,
            person=person,
            number="1",
            name="Ada",
            email=person.email,
            joined_on=since.date(),
            created_at=since,
        )
        db.add(member)
        db.flush()
        token = logins.start(db, person, "bench", "bench")
        act = Act(db, assembly, now(), member, person)
        text = "\n\n".join(" ".join(chance.choices(WORDS, k=40)) + "." for _ in range(CLAUSES))
        motion = motions.propose(act, motions.Writing(title="A long motion", text=text, reason="Because.", movers=""))
        motion.state = "debate"
        db.flush()
        base = versions.latest(db, motion)
        for n in range(AMENDMENTS):
            submit(act, motion, chance, n)
        assert base is versions.latest(db, motion)
        found = list(db.scalars(select(Amendment.public_id).order_by(Amendment.order)))
        public_id = motion.public_id
    made.dispose()
    return public_id, found, token


def submit(act: Act, motion: Motion, chance: random.Random, n: int) -> None:
    """One more amendment, of two or three changed words."""
    base = versions.latest(act.db, motion)
    text = clauses.from_json(base.clauses)
    changed = {}
    for clause in chance.sample(text[:CLAUSES], 2 + (n % 2)):
        words = clause.text.split()
        words[chance.randrange(len(words) - 1)] = f"word{n}"
        changed[clause.id] = " ".join(words)
    amendments.submit(act, motion, base, amendments.edited(text, changed, {}), f"Reason {n}")


def timed(what: str, call: Callable[[], str], folder: Path, times: int = 7) -> None:
    """Print the first time, the median of the others, and what was said."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        said = call()
        took.append(time.perf_counter() - start)
    rest = sorted(took[1:])
    print(
        f"{what:<36} first {took[0] * 1000:>6.0f} ms   then {rest[len(rest) // 2] * 1000:>6.0f} ms   {said}"
        f"   fdatasync {probed(folder) * 1000:.2f} ms"
    )


def run() -> None:
    """Print the table."""
    print(f"\nA motion of {CLAUSES} clauses with {AMENDMENTS} amendments ({CHANGES} changes), SQLite")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        url = f"sqlite:///{name}/bench.sqlite"
        motion, found, token = prepare(url)
        app = main({}, **{"deliberate.database": url, "deliberate.keys": str(folder / "keys")})

        def page(path: str) -> Callable[[], str]:
            def get() -> str:
                answer = Request.blank(path, headers={"Cookie": f"login={token}"}).get_response(app)
                assert answer.status_code == 200, path
                return f"{len(answer.body) / 1000:.0f} kB"

            return get

        Request.blank("/login").get_response(app)  # warm: what only the first request asks is not counted
        timed("the motion", page(f"/motions/{motion}"), folder)
        timed("an amendment, with what it meets", page(f"/amendments/{found[-1]}"), folder)
        timed("the form of one more", page(f"/motions/{motion}/amendments/new"), folder)
        chance = random.Random(11)
        numbers = iter(range(AMENDMENTS, 10**6))

        def one_more() -> str:
            with Session(app.registry["engine"]) as db, db.begin():
                member = db.scalars(select(Member)).one()
                act = Act(db, db.scalars(select(Assembly)).one(), now(), member, member.person)
                submit(act, db.scalars(select(Motion)).one(), chance, next(numbers))
            return "stored"

        timed("one more amendment", one_more, folder)
        app.registry["writer"].stop()
        app.registry["engine"].dispose()
