"""Members and offices: rows of the roll, who holds what from when until when, and why somebody may not."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deliberate.core import orders
from deliberate.core.errors import DeliberateError
from deliberate.models import LedgerEntry, Member
from deliberate.services import definitions, drafts, invitations, ledger, members, motions, standing
from deliberate.services.act import Act, running
from tests.makers import make_act, make_assembly, make_member, make_motion, make_poll, utc


@pytest.fixture
def sam(db: Session) -> Act:
    """The act of the secretary."""
    assembly = make_assembly(db)
    return make_act(db, assembly, make_member(db, assembly, "Sam", ("secretary",)))


@pytest.fixture
def root(sam: Act) -> Act:
    """The act of the only admin."""
    return make_act(sam.db, sam.assembly, make_member(sam.db, sam.assembly, "Root", ("admin",)))


def last(act: Act) -> tuple[str, dict[str, object]]:
    entry = act.db.scalars(
        select(LedgerEntry).where(LedgerEntry.ledger_id == act.assembly.ledger_id).order_by(LedgerEntry.idx.desc())
    ).first()
    assert entry is not None
    return entry.kind, ledger.content(entry)["data"]


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Pacific/Auckland", "2026-11-29T12:00:00", date(2026, 11, 30)),
        ("Pacific/Honolulu", "2026-11-30T05:00:00", date(2026, 11, 29)),
        ("UTC", "2026-11-30T05:00:00", date(2026, 11, 30)),
    ],
)
def test_memberships_begin_and_end_with_the_days_of_the_assembly(db: Session, zone: str, at: str, day: date) -> None:
    """Not with those of the server: who joins or leaves after midnight is on the roll, or not, from that moment."""
    assembly = make_assembly(db, timezone=zone)
    office = make_member(db, assembly, "Sam", ("secretary", "admin", "chair"), entitled=False)
    sam = make_act(db, assembly, office, utc(at))
    office.roles[0].starts_at = office.roles[1].starts_at = office.roles[2].starts_at = sam.now - timedelta(days=9)
    office.joined_on = date(2026, 1, 1)
    ada = members.add(sam, "N-1", "Ada")
    assert ada.joined_on == sam.today == day and "member" in running(ada, sam.now)
    poll = make_poll(sam, opened=False)
    assert [line.member for line in definitions.electorate(db, poll, sam.now)] == [ada] and motions.roll_size(sam) == 1
    before = utc(at) - timedelta(days=1)
    assert running(ada, before) == set() and definitions.electorate(db, poll, before) == []
    members.end(sam, ada)
    assert ada.ended_on == day and running(ada, sam.now) == set()
    assert definitions.electorate(db, poll, sam.now) == [] and motions.roll_size(sam) == 0


def test_a_member_is_added_changed_and_ended(sam: Act) -> None:
    made = members.add(sam, "N-1", "Ada", " ADA@b.org ", "North", Fraction(3, 2))
    assert made.email == "ada@b.org" and last(sam) == ("member.added", {"member": made.commitment, "weight": "3/2"})
    members.change(sam, made, "Ada L.", "", "South", Fraction(1), False)
    assert (made.email, made.section, made.entitled) == (None, "South", False)
    assert last(sam)[0] == "member.changed" and "member" not in running(made, sam.now)
    members.end(sam, made)
    assert made.ended_on == sam.now.date() and last(sam)[0] == "member.ended"
    with pytest.raises(DeliberateError, match=r"member\.ended"):
        members.end(sam, made)


@pytest.mark.parametrize(
    ("over", "code", "field"),
    [
        ({"number": ""}, "member.number", "number"),
        ({"number": "1"}, "member.number", "number"),
        ({"email": "taken@b.org"}, "member.email", "email"),
        ({"email": "nonsense"}, "member.email", "email"),
        ({"email": "a@localhost"}, "member.email", "email"),
        ({"name": "=1+1"}, "member.text", "name"),
        ({"section": "a\nb"}, "member.text", "section"),
    ],
)
def test_a_bad_row_is_refused_at_its_field(sam: Act, over: dict[str, str], code: str, field: str) -> None:
    make_member(sam.db, sam.assembly, "Taken", number="1", email="taken@b.org")
    with pytest.raises(DeliberateError) as refused:
        members.add(sam, **{"number": "2", "name": "Ada", **over})  # type: ignore[arg-type]
    assert refused.value.code == code and set(refused.value.fields) == {field} and refused.value.remedy


def test_a_row_keeps_its_own_address(sam: Act) -> None:
    ada, bo = members.add(sam, "1", "Ada", "a@b.org"), members.add(sam, "2", "Bo", "b@b.org")
    members.change(sam, ada, "Ada", "a@b.org", "", Fraction(1), True)
    with pytest.raises(DeliberateError, match=r"member\.email"):
        members.change(sam, bo, "Bo", "A@b.org", "", Fraction(1), True)


def test_a_new_address_ends_the_invitation_to_the_old_one(sam: Act) -> None:
    ada = members.add(sam, "1", "Ada", "old@b.org")
    token = invitations.invite(sam, ada, "{token}")
    members.change(sam, ada, "Ada", "new@b.org", "", Fraction(1), True)
    with pytest.raises(DeliberateError, match=r"invitation\.none"):
        invitations.find(sam.db, token)


def test_an_office_runs_from_its_start_to_its_end(root: Act) -> None:
    ada = make_member(root.db, root.assembly, "Ada")
    made = members.grant(root, ada, "teller", root.now + timedelta(days=1), root.now + timedelta(days=3))
    held = [running(ada, root.now + timedelta(days=n)) for n in range(5)]
    assert ["teller" in words for words in held] == [False, True, True, False, False]
    assert last(root)[0] == "role.granted" and made in members.officers(
        root.db, root.assembly, root.now + timedelta(days=2)
    )


def test_an_office_ends_at_once(root: Act) -> None:
    ada = make_member(root.db, root.assembly, "Ada", ("chair",))
    members.revoke(root, ada.roles[0])
    assert running(ada, root.now) == {"member"} and last(root)[0] == "role.ended"
    with pytest.raises(DeliberateError, match=r"role\.ended"):
        members.revoke(root, ada.roles[0])


def test_an_office_not_yet_begun_never_begins(root: Act) -> None:
    ada = make_member(root.db, root.assembly, "Ada")
    made = members.grant(root, ada, "chair", root.now + timedelta(days=1))
    members.revoke(root, made)
    assert "chair" not in running(ada, root.now + timedelta(days=2))


@pytest.mark.parametrize(
    ("role", "days", "code"),
    [
        ("king", None, "role.name"),
        ("member", None, "role.name"),
        ("chair", -1, "role.times"),
        ("teller", None, "role.twice"),
    ],
)
def test_offices_that_cannot_be_given(root: Act, role: str, days: int | None, code: str) -> None:
    ada = make_member(root.db, root.assembly, "Ada", ("teller",))
    with pytest.raises(DeliberateError) as refused:
        members.grant(root, ada, role, root.now, root.now + timedelta(days=days) if days else None)
    assert refused.value.code == code


def test_the_last_admin_stays(root: Act, sam: Act) -> None:
    assert root.member is not None
    with pytest.raises(DeliberateError, match=r"role\.last"):
        members.revoke(root, root.member.roles[0])
    with pytest.raises(DeliberateError, match=r"role\.last"):
        members.end(sam, root.member)
    members.grant(root, make_member(root.db, root.assembly, "Second"), "admin", root.now)
    members.end(make_act(sam.db, sam.assembly, sam.member), root.member)
    assert running(root.member, root.now) == set()


def test_only_the_offices_that_the_orders_name(sam: Act, root: Act) -> None:
    ada = make_member(sam.db, sam.assembly, "Ada")
    for act, do in (
        (sam, lambda a: members.grant(a, ada, "chair", a.now)),
        (root, lambda a: members.end(a, ada)),
        (make_act(sam.db, sam.assembly, ada), lambda a: members.add(a, "9", "X")),
        (make_act(sam.db, sam.assembly, ada), lambda a: invitations.invite(a, ada, "{token}")),
    ):
        with pytest.raises(DeliberateError, match=r"Rule 2\."):
            do(act)


def test_an_office_of_another_member_is_not_found(root: Act) -> None:
    ada, bo = make_member(root.db, root.assembly, "Ada", ("chair",)), make_member(root.db, root.assembly, "Bo")
    assert members.role(root.db, ada, ada.roles[0].id) is ada.roles[0]
    with pytest.raises(DeliberateError, match=r"role\.none"):
        members.role(root.db, bo, ada.roles[0].id)


def test_the_list_is_filtered_searched_and_paged(sam: Act) -> None:
    db, assembly = sam.db, sam.assembly
    for n, name in enumerate(("Émile", "ada", "Bo_b", "Cy 100%"), 1):
        make_member(db, assembly, name, number=f"N-{n}", section="North" if n % 2 else "South", joined=n != 4)
    make_member(db, assembly, "Old", ended_on=sam.now.date())

    def names(**asked: object) -> list[str]:
        return [member.name for member in members.listed(db, assembly, now=sam.now, **asked)[0]]  # type: ignore[arg-type]

    assert set(names(state="current")) == {"Sam", "Émile", "ada", "Bo_b", "Cy 100%"}
    assert names(state="current")[:2] == ["ada", "Bo_b"]
    assert names(state="ended") == ["Old"] and names(state="waiting") == ["Cy 100%"]
    assert (
        names(q="émile") == ["Émile"]
        and names(q="_") == ["Bo_b"]
        and names(q="%") == ["Cy 100%"]
        and names(q="n-2") == ["ada"]
    )
    assert set(names(section="North")) == {"Émile", "Bo_b"} and names(office="secretary") == ["Sam"]
    assert members.listed(db, assembly, state="current", limit=2, offset=4)[1] == 5
    assert len(names(state="current", limit=2, offset=4)) == 1
    assert members.sums(db, assembly) == {"current": 5, "waiting": 1, "ended": 1}
    assert members.sections(db, assembly) == ["North", "South"]


def test_every_act_is_explained_by_its_rule(sam: Act) -> None:
    answers = {one.rule.act: one for one in standing.why(sam)}
    assert set(answers) == set(orders.BY_ACT)
    assert answers["member.import"].refused is None and answers["member.import"].mine == ("secretary",)
    refused = answers["role.grant"].refused
    assert refused is not None and "Rule 2.5" in refused.why and refused.remedy == "Ask the admin."


def test_what_depends_on_the_thing_is_said_so(sam: Act) -> None:
    member = make_act(sam.db, sam.assembly, make_member(sam.db, sam.assembly, "Ada"))
    assert {one.rule.act for one in standing.why(member) if one.depends} >= {"motion.withdraw", "poll.cast", "debate.edit"}
    assert not any(one.depends for one in standing.why(member, make_motion(member)))
    assert not any(one.depends for one in standing.why(make_act(sam.db, sam.assembly)))


def test_a_visitor_may_only_read(sam: Act) -> None:
    visitor = make_act(sam.db, sam.assembly)
    assert {one.rule.act for one in standing.why(visitor) if not one.refused} == {
        rule.act for rule in orders.ACTS if rule.who == "anyone"
    }


def test_who_has_left_is_no_mover_and_no_author_any_more(sam: Act) -> None:
    ada = make_member(sam.db, sam.assembly, "Ada")
    act = make_act(sam.db, sam.assembly, ada)
    motion = make_motion(act)
    draft = drafts.save(act, motions.Writing("A draft", "Text"))
    poll = make_poll(make_act(sam.db, sam.assembly, make_member(sam.db, sam.assembly, "Carla", ("chair",))))
    assert [standing.words(act, thing) for thing in (motion, draft, poll)] == [{"mover"}, {"author", "mover"}, {"voter"}]
    ada.ended_on = sam.now.date()
    assert [standing.words(act, thing) for thing in (motion, draft, poll)] == [set(), set(), {"voter"}]
    with pytest.raises(DeliberateError, match=r"Rule 3\.7"):
        motions.move_on(act, motion, "motion.withdraw")


def test_ended_members_have_no_part(sam: Act) -> None:
    ada = make_member(sam.db, sam.assembly, "Ada", ("chair", "admin"))
    ada.ended_on = sam.now.date()
    assert running(ada, sam.now) == set() and members.holders(sam.db, sam.assembly, "admin", sam.now) == 0
    assert sam.db.get(Member, ada.id) is ada
