"""A town: an assembly in which everything there is has happened, and the addresses of all pages about it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core.drafting import clauses
from deliberate.models import Assembly, Member, Motion
from deliberate.services import amendments, debate, decisions, drafts, follows, polls, results, versions
from deliberate.services.act import now
from deliberate.services.motions import Writing
from deliberate.web.routes import ROUTES
from tests.makers import make_act, make_login, make_member, make_motion, make_poll, tally

SHUT = {"parts", "outbox", "metrics"}  # in development, or with a token


@pytest.fixture
def town(house):
    """Motions in every group, one with many amendments and a long debate, polls in every state, news of all of them."""
    with Session(house.engine, expire_on_commit=False) as db, db.begin():
        assembly = db.get_one(Assembly, house.assembly.id)

        def by(name):
            return make_act(db, assembly, db.get_one(Member, house.members[name].id))

        for role in ("moderator", "admin", "auditor"):
            house.tokens[role] = make_login(db, make_member(db, assembly, f"The {role}", (role,)))
        everything = make_member(db, assembly, "Root", ("admin", "secretary", "chair", "teller", "moderator"))
        house.tokens["Root"] = make_login(db, everything)
        ada, bo, cy, chair = by("Ada"), by("Bo"), by("Cy"), by("Carla")
        for _ in range(3):
            make_motion(bo, movers="Root, Cy")
        big = make_motion(ada, "debate", movers="Root, Cy")
        base = versions.latest(db, big)
        text = clauses.from_json(base.clauses)
        made = [
            amendments.submit(
                bo if n % 2 else cy,
                big,
                base,
                amendments.edited(text, {"c1": f"We buy {n} boilers."}, {}),
                f"Reason {n}",
            )
            for n in range(30)
        ]
        parent = None
        for n in range(120):
            parent = debate.say(bo, big, f"Words {n}.", "for", parent if n % 40 else None)
            debate.say(cy, made[0], f"Words {n}.", "for", None)
        debate.report(cy, parent, "rude")
        for one in db.scalars(select(Motion)).all():
            for thing in (one, made[0]):
                said = debate.say(bo, thing, f"Rude words on {one.number}.")
                debate.hide(make_act(db, assembly, everything), said, "It speaks of people, not of reasons.")
        for who in (ada, make_act(db, assembly, everything)):
            follows.follow(who, big)
            draft = drafts.save(who, Writing("A draft", "Text"))
        put = make_motion(cy, "fixed")
        seen = [
            make_poll(chair, motion=put, closes_at=now() + timedelta(days=2)),
            make_poll(chair, amendment=made[0], motion=big),
            make_poll(chair, "irv", opened=False),
            make_poll(chair, "scottish-stv", mode="open"),
            make_poll(chair, "irv"),
        ]
        late = make_poll(chair, opened=False, closes_at=now() + timedelta(days=1), motion=make_motion(ada))
        late.opens_at = now() - timedelta(minutes=1)
        for poll in seen[3:]:
            polls.close(chair, poll)
        for poll in (make_poll(chair, mode="open"), make_poll(chair, mode="open", motion=make_motion(ada, "fixed"))):
            tally(chair, poll)
            results.publish(chair, poll, decisions.decide)
            seen.append(poll)
        seen += [
            tally(chair, make_poll(chair, "irv")),
            polls.void(chair, make_poll(chair), "It was the wrong question."),
            late,
        ]
        for member in db.scalars(select(Member)):
            member.looked_from = 0
        names = {
            "motion": [one.public_id for one in db.scalars(select(Motion).order_by(Motion.id))],
            "amendment": [one.public_id for one in made[:3]],
            "comment": [parent.public_id],
            "draft": [draft.public_id],
            "poll": [poll.public_id for poll in seen],
            "member": [everything.public_id],
        }
    return house, names


def paths(names):
    """The addresses of every route, for each thing that it can be about."""
    rest = {"login": "x", "token": "x", "role": "1", "import": "x", "idx": "5", "leaf": "0" * 64, "kind": "promise"}
    rest |= {"place": "ideas", "path": "definition.json"}
    for route in ROUTES:
        if route.name not in SHUT:
            noun = next((noun for noun in names if f"{{{noun}" in route.pattern), "")
            for one in names.get(noun, [""]):
                known = {**rest, noun: one}
                yield (
                    route.name,
                    re.sub(r"\{(\w+)(:[^}]*)?\}", lambda found, known=known: known[found[1]], route.pattern),
                )
