"""Standing orders as data: who may do what in which state, thresholds, majorities, numbering.

One table, ``ACTS``, is the whole law of who may act. It can be read aloud: "support, by a member, while the motion is
submitted; otherwise: only a submitted motion gathers support." A refusal quotes the number of its rule.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from fractions import Fraction
from typing import Any

from deliberate.core.drafting import numbering
from deliberate.core.errors import Conflict, DeliberateError, Forbidden
from deliberate.core.sentences import Marked, joined, mark, mark_many

ROLES = {
    "member": mark("on the roll of the assembly"),
    "chair": mark("leads the sitting, rules on order, opens and closes polls"),
    "secretary": mark("keeps the roll, the texts and the agenda"),
    "teller": mark("watches and repeats the count, enters lots"),
    "moderator": mark("keeps the debate in order, with reasons in the public log"),
    "auditor": mark("checks the record; may see every ledger"),
    "admin": mark("grants roles and changes standing orders"),
}
"""Offices, with what each is for. Further words in ``ACTS``: anyone (also visitors), person (logged in), mover (of the
motion, co-movers included), author (of the amendment, comment or draft), voter (on the frozen roll of the poll)."""

WORDS = {
    **ROLES,
    "anyone": mark("everybody, visitors too"),
    "person": mark("somebody who is logged in"),
    "mover": mark("puts the motion, alone or with others"),
    "author": mark("wrote the amendment, contribution or draft"),
    "voter": mark("stands on the frozen roll of the poll"),
}
"""Every word that ``ACTS`` uses for who may act, with what it means."""

OFFICES = {
    "member": mark("member"),
    "chair": mark("chair"),
    "secretary": mark("secretary"),
    "teller": mark("teller"),
    "moderator": mark("moderator"),
    "auditor": mark("auditor"),
    "admin": mark("admin"),
    "anyone": mark("anyone"),
    "person": mark("person"),
    "mover": mark("mover"),
    "author": mark("author"),
    "voter": mark("voter"),
}
"""The same words as people read them."""

ASKED = {
    "chair": mark("the chair"),
    "secretary": mark("the secretary"),
    "teller": mark("the teller"),
    "moderator": mark("the moderator"),
    "auditor": mark("the auditor"),
    "admin": mark("the admin"),
}
"""The officers whom a refusal tells people to ask."""

MOTION_STATES = {
    "draft": mark("being written"),
    "submitted": mark("gathering support"),
    "seconded": mark("supported, waiting for debate"),
    "debate": mark("in debate"),
    "fixed": mark("text fixed, waiting for the vote"),
    "put": mark("put to the vote"),
    "carried": mark("carried"),
    "lost": mark("lost"),
    "referred": mark("referred back"),
    "withdrawn": mark("withdrawn"),
}
MOTION_ENDS = ("carried", "lost", "referred", "withdrawn")
MOTION_FLOW = {
    ("draft", "motion.propose"): "submitted",
    ("submitted", "motion.second"): "seconded",
    ("submitted", "motion.lapse"): "lost",
    ("seconded", "motion.admit"): "debate",
    ("debate", "motion.fix"): "fixed",
    ("fixed", "motion.unfix"): "debate",
    ("fixed", "motion.put"): "put",
    ("put", "motion.unput"): "fixed",
    ("put", "motion.carry"): "carried",
    ("put", "motion.lose"): "lost",
    **{(state, "motion.refer"): "referred" for state in ("seconded", "debate", "fixed")},
    **{(state, "motion.withdraw"): "withdrawn" for state in ("submitted", "seconded", "debate")},
}
"""(state, act) to the next state. ``second``, ``put``, ``carry``, ``lose`` and ``unput`` follow from other acts,
``lapse`` from the clock: the time for support ended below the threshold."""

AMENDMENT_STATES = {
    "submitted": mark("submitted"),
    "accepted": mark("accepted by the movers"),
    "put": mark("put to the vote"),
    "carried": mark("carried"),
    "lost": mark("lost"),
    "fallen": mark("fell without a vote"),
    "met": mark("already met by the text"),
    "withdrawn": mark("withdrawn"),
}
POLL_STATES = {
    "prepared": mark("prepared"),
    "open": mark("voting is open"),
    "closed": mark("closed, waiting for the count"),
    "tallied": mark("counted, waiting for publication"),
    "published": mark("published"),
    "void": mark("void"),
}

_DEBATED = "submitted seconded debate"
_LIVE = "submitted seconded debate fixed put"


@dataclass(frozen=True)
class Rule:
    """One line of the standing orders: the act, who may do it, in which states, and what a refusal says."""

    number: str
    act: str
    who: str
    states: str
    otherwise: str

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self.who.split())

    @property
    def when(self) -> tuple[str, ...]:
        return tuple(self.states.split())


# one line for each, so that the table can be read as one
# fmt: off
ACTS: tuple[Rule, ...] = (
    #    no.    act                    who                        states                         otherwise
    Rule("1.1", "site.read",           "anyone",                  "",                            mark("Everyone may read.")),
    Rule("1.2", "person.enter",        "anyone",                  "",                            mark("Everyone may log in or accept an invitation.")),
    Rule("1.3", "person.self",         "person",                  "",                            mark("Log in to see your own pages.")),
    Rule("1.4", "record.read",         "anyone",                  "",                            mark("Everyone may read the ledger and published records.")),
    Rule("1.5", "site.develop",        "anyone",                  "",                            mark("Only on a development server.")),
    Rule("1.6", "file.count",          "chair secretary teller auditor admin", "",           mark("Only officers count files here, as it takes the server's time; everybody may with the program, on their own machine.")),
    Rule("2.1", "member.list",         "member secretary chair moderator auditor admin teller", "", mark("Only members see who else is a member.")),
    Rule("2.2", "member.import",       "secretary",               "",                            mark("Only the secretary changes the roll.")),
    Rule("2.3", "member.change",       "secretary",               "",                            mark("Only the secretary changes the roll.")),
    Rule("2.4", "member.invite",       "secretary",               "",                            mark("Only the secretary sends invitations.")),
    Rule("2.5", "role.grant",          "admin",                   "",                            mark("Only an admin grants or ends roles.")),
    Rule("2.6", "orders.change",       "admin",                   "",                            mark("Only an admin changes the standing orders.")),
    Rule("2.7", "assembly.begin",      "chair secretary admin",   "",                            mark("Only the chair, the secretary or an admin puts the guide for a new assembly away.")),
    Rule("3.1", "motion.draft",        "member",                  "",                            mark("Only members write motions.")),
    Rule("3.2", "motion.propose",      "mover",                   "draft",                       mark("Only its mover submits a draft.")),
    Rule("3.3", "motion.edit",         "mover",                   "draft submitted",             mark("Only its movers edit a motion, until it is supported; afterwards it changes by amendment.")),
    Rule("3.4", "motion.comove",       "mover",                   "draft " + _DEBATED,           mark("Only the movers invite co-movers, before the text is fixed.")),
    Rule("3.5", "motion.answer",       "member",                  "draft " + _DEBATED,           mark("Only an invited member may answer, before the text is fixed.")),
    Rule("3.6", "motion.support",      "member",                  "submitted",                   mark("Only a submitted motion gathers support.")),
    Rule("3.7", "motion.withdraw",     "mover",                   _DEBATED,                      mark("Only its mover withdraws a motion, before the text is fixed.")),
    Rule("3.8", "motion.admit",        "chair secretary",         "seconded",                    mark("Only the chair or the secretary opens the debate, once the motion has its support.")),
    Rule("3.9", "motion.fix",          "chair secretary",         "debate",                      mark("Only the chair or the secretary fixes the text, at the end of the debate.")),
    Rule("3.10", "motion.unfix",       "chair",                   "fixed",                       mark("Only the chair reopens the debate, before the vote.")),
    Rule("3.11", "motion.refer",       "chair",                   "seconded debate fixed",       mark("Only the chair refers a motion back, before it is put.")),
    Rule("4.1", "amendment.submit",    "member",                  "submitted seconded debate",   mark("Amendments are taken from members until the text is fixed.")),
    Rule("4.2", "amendment.accept",    "mover",                   "submitted",                   mark("Only the movers accept an amendment, while it waits and the text is not fixed.")),
    Rule("4.3", "amendment.withdraw",  "author",                  "submitted",                   mark("Only its author withdraws an amendment, before it is decided.")),
    Rule("4.4", "amendment.reword",    "author",                  "submitted",                   mark("Only its author rewords an amendment, before it is decided.")),
    Rule("4.5", "amendment.put",       "chair secretary",         "submitted",                   mark("Only the chair or the secretary puts an amendment to the vote.")),
    Rule("5.1", "debate.say",          "member chair secretary moderator", _LIVE,                mark("Members may speak to a motion until it is decided.")),
    Rule("5.2", "debate.edit",         "author",                  "",                            mark("Only its author edits a contribution.")),
    Rule("5.3", "debate.hide",         "moderator",               "",                            mark("Only a moderator hides a contribution, with a reason in the public log.")),
    Rule("5.4", "debate.report",       "member",                  "",                            mark("Only members report a contribution.")),
    Rule("5.5", "debate.follow",       "member chair secretary moderator auditor teller admin", "", mark("Log in as a member to follow.")),
    Rule("6.1", "poll.prepare",        "chair secretary",         "",                            mark("Only the chair or the secretary prepares a poll.")),
    Rule("6.2", "poll.edit",           "chair secretary",         "prepared",                    mark("A poll can be changed only until it opens; its rules are frozen then.")),
    Rule("6.3", "poll.open",           "chair",                   "prepared",                    mark("Only the chair opens a poll, once.")),
    Rule("6.4", "poll.cast",           "voter",                   "open",                        mark("Only members on the roll of this poll vote, while it is open.")),
    Rule("6.5", "poll.close",          "chair",                   "open",                        mark("Only the chair closes a poll before its time.")),
    Rule("6.6", "poll.tally",          "chair secretary teller",  "closed",                      mark("Only the chair, the secretary or a teller starts the count, after the close.")),
    Rule("6.7", "poll.draw",           "chair teller",            "closed tallied",              mark("Only the chair or a teller enters a lot, where the count asks for one.")),
    Rule("6.8", "poll.publish",        "chair",                   "tallied",                     mark("Only the chair publishes a result, after the count.")),
    Rule("6.9", "poll.void",           "chair",                   "prepared open closed tallied", mark("Only the chair declares a poll void, with a reason, before it is published.")),
    Rule("6.10", "poll.casting",       "chair",                   "tallied",                     mark("Only the chair gives a casting vote, where the votes are equal and the poll's rules give it.")),
)
# fmt: on

DEEDS = {
    "site.read": mark("Read these pages"),
    "person.enter": mark("Log in, or accept an invitation"),
    "person.self": mark("See my own pages"),
    "record.read": mark("Read the ledger and the records"),
    "site.develop": mark("See the pages of a development server"),
    "file.count": mark("Count a file of ballots"),
    "member.list": mark("See who is a member"),
    "member.import": mark("Import the roll"),
    "member.change": mark("Change the roll"),
    "member.invite": mark("Invite members"),
    "role.grant": mark("Grant and end offices"),
    "orders.change": mark("Change the standing orders"),
    "assembly.begin": mark("Put the guide for a new assembly away"),
    "motion.draft": mark("Write a motion"),
    "motion.propose": mark("Submit a draft"),
    "motion.edit": mark("Edit a motion"),
    "motion.comove": mark("Invite co-movers"),
    "motion.answer": mark("Answer the invitation to move it with others"),
    "motion.support": mark("Support a motion"),
    "motion.withdraw": mark("Withdraw a motion"),
    "motion.admit": mark("Open the debate"),
    "motion.fix": mark("Fix the text"),
    "motion.unfix": mark("Reopen the debate"),
    "motion.refer": mark("Refer a motion back"),
    "amendment.submit": mark("Submit an amendment"),
    "amendment.accept": mark("Accept an amendment"),
    "amendment.withdraw": mark("Withdraw an amendment"),
    "amendment.reword": mark("Reword an amendment"),
    "amendment.put": mark("Put an amendment to the vote"),
    "debate.say": mark("Speak in the debate"),
    "debate.edit": mark("Edit a contribution"),
    "debate.hide": mark("Hide a contribution"),
    "debate.report": mark("Report a contribution"),
    "debate.follow": mark("Follow a motion or an amendment"),
    "poll.prepare": mark("Prepare a poll"),
    "poll.edit": mark("Change a poll"),
    "poll.open": mark("Open a poll"),
    "poll.cast": mark("Vote"),
    "poll.close": mark("Close a poll"),
    "poll.tally": mark("Count the ballots"),
    "poll.draw": mark("Enter a lot"),
    "poll.publish": mark("Publish a result"),
    "poll.casting": mark("Give the casting vote"),
    "poll.void": mark("Declare a poll void"),
}
"""Every act as people read it."""

BY_ACT: Mapping[str, Rule] = {rule.act: rule for rule in ACTS}


def refusal(act: str, roles: Collection[str], state: str = "") -> DeliberateError | None:
    """Why these roles may not do this act in this state; None if they may. An unknown act is refused.

    roles: words of ``ROLES`` and of the table's further words that hold for the person and the thing at hand.
    """
    rule = BY_ACT.get(act)
    if rule is None:
        return Forbidden(
            mark('Nobody may do "%(act)s".', act=act), "No standing order allows it.", code="orders.unknown"
        )
    if "anyone" not in rule.roles and not set(rule.roles) & set(roles):
        remedy = _remedy(rule) if "person" in roles else mark("Log in first, if you are a member.")
        return Forbidden(
            "You may not do this.",
            mark("Rule %(number)s: %(words)s", number=rule.number, words=rule.otherwise),
            remedy,
            f"orders.{act}",
        )
    if rule.when and state not in rule.when:
        return Conflict(
            "This is not possible now.",
            mark("Rule %(number)s: %(words)s", number=rule.number, words=rule.otherwise),
            mark('Now its state is "%(state)s".', state=_word(state)),
            f"orders.{act}",
        )
    return None


def _remedy(rule: Rule) -> Marked:
    """Whom to ask: the officers who may."""
    offices = [ASKED[word] for word in rule.roles if word in ASKED]
    if not offices:
        return mark("Ask the secretary, if you think that you should be able to.")
    whom = offices[0]
    if len(offices) > 1:
        whom = mark("%(some)s or %(another)s", some=joined(offices[:-1]), another=offices[-1])
    return mark("Ask %(whom)s.", whom=whom)


def _word(state: str) -> str:
    for table in (MOTION_STATES, AMENDMENT_STATES, POLL_STATES):
        if state in table:
            return table[state]
    return state


def check(act: str, roles: Collection[str], state: str = "") -> None:
    """Raise the refusal, if there is one: Forbidden for the person, Conflict for the state."""
    refused = refusal(act, roles, state)
    if refused:
        raise refused


def step(state: str, act: str) -> str:
    """The state a motion reaches by an act. Raises Conflict if it leads nowhere from here."""
    try:
        return MOTION_FLOW[state, act]
    except KeyError:
        raise Conflict(
            "This is not possible now.",
            mark('A motion that is "%(state)s" cannot be changed so.', state=_word(state)),
            "Reload the page to see where it stands.",
            "motion.state",
        ) from None


@dataclass(frozen=True)
class Orders:
    """The standing orders of one assembly that are numbers and words, with the defaults of a middling association."""

    support_count: int = 5
    support_share: str = "0"  # of the roll, exact: "1/20"
    support_sections: int = 0  # members of at least so many sections
    support_days: int = 21
    motion_prefix: str = "M"
    poll_prefix: str = "P"
    amendment_infix: str = "-A"
    number_digits: int = 1
    majority: str = "1/2"
    majority_strict: bool = True
    majority_basis: str = "votes"
    quorum: str = "0"  # of the roll, by heads
    quorum_count: int = 0  # members, instead of a share
    tie: str = "falls"
    poll_days: int = 7
    same_gap: str = "both"
    claim_width: str = "token"
    title: str = "Standing orders"
    preamble: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def threshold(self, roll: int) -> int:
        """How many members must support a motion before it is debated, from a roll of this size: never more than there are."""
        share = Fraction(self.support_share) * roll
        return min(max(self.support_count, -(-share.numerator // share.denominator)), max(roll, 1))

    def usual_quorum(self) -> dict[str, Any] | None:
        """The quorum of a motion poll, in the form of its rules, unless the poll says otherwise."""
        if self.quorum_count:
            return {"on": "turnout", "by": "heads", "number": self.quorum_count}
        return {"on": "turnout", "by": "heads", "fraction": self.quorum} if Fraction(self.quorum) else None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "extra": dict(self.extra)}


CHOICES = {
    "majority_basis": ("votes", "votes+abstentions", "present", "roll"),
    "tie": ("falls", "casting"),
    "same_gap": ("both", "rival"),
    "claim_width": ("token", "sentence", "clause"),
}


def load(data: Mapping[str, Any]) -> Orders:
    """Standing orders from stored data. Raises DeliberateError ``orders.*`` naming the field that is wrong."""
    known = {f.name: f for f in fields(Orders)}
    for name, value in data.items():
        if name not in known:
            raise _bad(name, mark('There is no standing order "%(name)s".', name=name))
        if name in CHOICES and value not in CHOICES[name]:
            raise _bad(name, mark('"%(value)s" is not one of %(known)s.', value=value, known=", ".join(CHOICES[name])))
        if str(known[name].type) == "int" and (type(value) is not int or not 0 <= value <= 1_000_000):
            raise _bad(name, mark('"%(value)s" is not a whole number from 0 to 1,000,000.', value=str(value)))
    orders = Orders(**data)
    for name in ("support_share", "majority", "quorum"):
        _share(name, getattr(orders, name))
    if Fraction(orders.majority) == 0:
        raise _bad("majority", mark("A majority of nothing would carry everything."))
    if orders.quorum_count and Fraction(orders.quorum):
        raise _bad("quorum_count", mark("Give a number of members or a share of the roll, and 0 for the other."))
    numbering.check(orders.motion_prefix, orders.amendment_infix, orders.poll_prefix)
    return orders


def fit(orders: Orders, roll: int, sections: int) -> None:
    """Raise DeliberateError ``orders.value`` for a support that nobody could ever gather, or a quorum never reached.

    roll: members entitled to vote; sections: how many different ones they belong to. An empty roll fits everything.
    """
    if roll and orders.support_count > roll:
        raise _bad(
            "support_count",
            mark_many(
                "The roll has one member; so many cannot support a motion.",
                "The roll has %(num)s members; so many cannot support a motion.",
                roll,
            ),
        )
    if roll and orders.quorum_count > roll:
        raise _bad(
            "quorum_count",
            mark_many(
                "The roll has one member; so many cannot take part.",
                "The roll has %(num)s members; so many cannot take part.",
                roll,
            ),
        )
    if roll and orders.support_sections > sections:
        raise _bad(
            "support_sections",
            mark_many("The members belong to one section.", "The members belong to %(num)s sections.", sections),
        )


def _share(name: str, text: str) -> None:
    """A fraction from 0 to 1 as ``2/3`` or an exact decimal, without blanks, signs or exponents."""
    try:
        value = Fraction(text) if re.fullmatch(r"[0-9]{1,9}([./][0-9]{1,9})?", text) else None
    except ZeroDivisionError:
        value = None
    if value is None or not 0 <= value <= 1:
        raise _bad(name, mark('"%(value)s" is not a fraction from 0 to 1, such as 2/3.', value=text))


def _bad(name: str, why: str) -> DeliberateError:
    return DeliberateError(
        "The standing orders cannot be read.",
        why,
        mark("Correct the field %(name)s.", name=name),
        "orders.value",
        {name: why},
    )
