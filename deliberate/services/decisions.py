"""Decisions: what a published result does to the motion or amendment that was put."""

from __future__ import annotations

from deliberate.core.orders import MOTION_STATES, step
from deliberate.core.sentences import mark
from deliberate.models import Poll
from deliberate.services import amendments, follows, polls, rebases, results
from deliberate.services.act import Act


def sentence(poll: Poll) -> str:
    """The votes that decided, in words. The inequality stands on the page of the result."""
    made = results.read(poll)
    assert made is not None, "a published poll has a count"
    yes, no, abstain = (made["rounds"][0]["votes"][option["name"]] for option in made["options"])
    return mark(
        "%(poll)s: %(yes)s for, %(no)s against, %(abstain)s abstained.", poll=poll.number, yes=yes, no=no, abstain=abstain
    )


def decide(act: Act, poll: Poll, outcome: str) -> None:
    """Carry or lose what was put. Below the quorum nothing is decided: it waits as before, and may be put again."""
    if outcome == "no quorum":
        polls.unput(poll)
        return
    carried = outcome == "carried"
    if poll.amendment is not None and poll.amendment.state == "put":
        if carried:
            amendments.carry(act, poll.amendment, sentence(poll))
        else:
            amendments.lose(act, poll.amendment, sentence(poll))
    elif poll.motion is not None and poll.motion.state == "put":
        poll.motion.state = step("put", "motion.carry" if carried else "motion.lose")
        poll.motion.outcome_reason, poll.motion.changed_at = sentence(poll)[:300], act.now
        act.record(
            "motion.carried" if carried else "motion.lost", f"motion:{poll.motion.public_id}", poll=poll.public_id
        )
        follows.decided(
            act,
            poll.motion,
            mark("It is %(state)s. %(sentence)s", state=MOTION_STATES[poll.motion.state], sentence=sentence(poll)),
        )
        rebases.fall(act, poll.motion, mark("Its motion was decided without a vote on it."))
