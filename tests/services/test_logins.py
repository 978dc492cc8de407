"""Log-ins, links and invitations: each token works once, passwords are hashed, ends are ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from deliberate.core.errors import DeliberateError
from deliberate.models import Assembly, Invitation, LedgerEntry, Login, MailLink, Member, OutboxMessage, Person
from deliberate.services import invitations, logins, outbox
from deliberate.services.act import now
from tests.makers import make_act, make_assembly, make_member

GOOD = "four words in a row"
URL = "https://vote.example.org/x/{token}"


@pytest.fixture(scope="module")
def hashed() -> str:
    return logins.hashed(GOOD)


@pytest.fixture
def assembly(db: Session) -> Assembly:
    return make_assembly(db)


@pytest.fixture
def ada(db: Session, assembly: Assembly, hashed: str) -> Member:
    return make_member(db, assembly, "Ada", email="ada@b.org", password=hashed)


def person(member: Member) -> Person:
    assert member.person is not None
    return member.person


def mailed(db: Session, kind: str) -> str:
    """The token in the newest mail of a kind."""
    db.flush()
    text = db.scalars(
        select(OutboxMessage.text).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id.desc())
    ).first()
    assert text is not None
    return text.split("/x/")[1].split()[0]


def together(*do: Callable[[], Any]) -> list[Any]:
    """Run at the same moment; refusals are answers."""
    answers: list[Any] = [None] * len(do)
    barrier = threading.Barrier(len(do))

    def run(n: int) -> None:
        barrier.wait()
        try:
            answers[n] = do[n]()
        except DeliberateError as error:
            answers[n] = error.code

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(do))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


LONG = " ".join(f"word{n} {n * n * 7919}" for n in range(40))[:200]


def test_a_password_is_argon2id_with_the_agreed_cost(hashed: str) -> None:
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert logins.verify(hashed, GOOD) and not logins.verify(hashed, GOOD + " ") and not logins.verify(None, GOOD)


def test_the_hash_for_nobody_costs_the_same(hashed: str) -> None:
    assert logins.NOBODY.split("$")[1:4] == hashed.split("$")[1:4]
    assert len(logins.NOBODY) == len(hashed)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password.length"),
        ("x" * 11, "password.length"),
        ("x" * 201, "password.length"),
        ("password1234", "password.common"),
        ("aaaaaaaaaaaaaaa", "password.common"),
        ("Qwertyuiop12", "password.common"),
        ("P@ssw0rd1234!", "password.common"),
        ("1qaz2wsx3edc", "password.common"),
        ("112233445566", "password.common"),
        ("abcd1234abcd1234", "password.common"),
        ("Summer2026!!", "password.common"),
        ("correcthorsebatterystaple", "password.common"),
    ],
)
def test_bad_passwords(password: str, code: str) -> None:
    with pytest.raises(DeliberateError) as refused:
        logins.hashed(password)
    assert refused.value.code == code and refused.value.fields["password"] and refused.value.remedy


@pytest.mark.parametrize("password", ["AdaLovelace12", "ada@b.org1234", "Northside 2026"])
def test_what_is_known_of_somebody_is_no_password(password: str) -> None:
    with pytest.raises(DeliberateError, match=r"password\.common"):
        logins.hashed(password, ["Ada Lovelace", "ada@b.org", "Northside"])
    assert logins.hashed(password + " tangled kettle", ["Ada Lovelace", "ada@b.org", "Northside"])


@pytest.mark.parametrize("password", ["twelve chars", "ÄÖÜ and a 🦉 too", "849302617485", LONG])
def test_no_rules_of_composition(password: str) -> None:
    assert logins.verify(logins.hashed(password), password)


def test_a_longer_password_does_not_pass_for_its_beginning() -> None:
    stored = logins.hashed(LONG)
    assert not logins.verify(stored, LONG + "x")


def test_every_refusal_of_a_log_in_is_the_same(db: Session, assembly: Assembly, ada: Member) -> None:
    make_member(db, assembly, "Bo", email="bo@b.org")  # has no password
    said = set()
    for email, password in (("ada@b.org", "wrong"), ("nobody@b.org", GOOD), ("bo@b.org", GOOD), ("bo@b.org", "")):
        with pytest.raises(DeliberateError) as refused:
            logins.proved(db, email, password)
        said.add((str(refused.value), refused.value.status, tuple(refused.value.fields.items())))
    assert len(said) == 1
    assert logins.proved(db, " ADA@b.org", GOOD) is ada.person


def test_tokens_are_stored_as_hashes(db: Session, assembly: Assembly, ada: Member) -> None:
    token = logins.start(db, person(ada), "password", "Firefox")
    logins.send_link(db, "ada@b.org", URL)
    guest = make_member(db, assembly, "Cy", joined=False)
    invited = invitations.issue(db, guest)
    db.flush()
    link = mailed(db, "login.login")
    stored = {
        *db.scalars(select(Login.token_hash)),
        *db.scalars(select(MailLink.token_hash)),
        *db.scalars(select(Invitation.token_hash)),
    }
    assert stored == {logins.digest(token), logins.digest(link), logins.digest(invited)}
    assert all(len(token) >= 32 for token in (token, link, invited))


def test_a_link_works_once_and_for_its_purpose(db: Session, ada: Member) -> None:
    logins.send_link(db, "ada@b.org", URL)
    token = mailed(db, "login.login")
    for purpose in ("password", "login"):
        if purpose == "password":
            with pytest.raises(DeliberateError, match=r"login\.link"):
                logins.use(db, token, purpose)
    assert logins.use(db, token) is ada.person
    with pytest.raises(DeliberateError, match=r"login\.link"):
        logins.use(db, token)


def test_a_link_runs_out(db: Session, ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    logins.send_link(db, "ada@b.org", URL)
    token, later = mailed(db, "login.login"), now() + logins.LINK_LIFE
    monkeypatch.setattr(logins, "now", lambda: later)
    with pytest.raises(DeliberateError, match=r"login\.link"):
        logins.use(db, token)


def test_an_unknown_address_gets_nothing_but_costs_a_row(db: Session, ada: Member) -> None:
    logins.send_link(db, "nobody@b.org", URL)
    db.flush()
    assert db.scalars(select(OutboxMessage.to)).all() == [""]
    assert outbox.recent(db) == [] and db.scalar(select(func.count()).select_from(MailLink)) == 0


def test_log_ins_are_listed_and_ended(db: Session, assembly: Assembly, ada: Member) -> None:
    for agent in ("Phone", "Desk", "Hall"):
        logins.start(db, person(ada), "password", agent)
    stranger = make_member(db, assembly, "Bo")
    db.flush()
    mine = logins.mine(db, person(ada))
    assert {one.agent for one in mine} == {"Phone", "Desk", "Hall"}
    with pytest.raises(DeliberateError, match=r"login\.none"):
        logins.end(db, person(stranger), mine[0].public_id)
    logins.end(db, person(ada), mine[0].public_id)
    assert len(logins.mine(db, person(ada))) == 2
    assert logins.end_all(db, person(ada), mine[1]) == 1
    db.expire_all()
    assert [one.id for one in logins.mine(db, person(ada))] == [mine[1].id]


@pytest.mark.parametrize("field", ["seen_at", "expires_at"])
def test_idle_and_old_log_ins_end_by_themselves(db: Session, ada: Member, field: str) -> None:
    logins.start(db, person(ada), "password", "Phone")
    db.flush()
    one = logins.mine(db, person(ada))[0]
    setattr(one, field, now() - logins.IDLE - timedelta(seconds=1))
    db.flush()
    assert logins.mine(db, person(ada)) == []


def test_a_new_password_ends_log_ins_and_links_and_says_so(db: Session, ada: Member, hashed: str) -> None:
    logins.start(db, person(ada), "password", "Thief")
    logins.start(db, person(ada), "password", "Mine")
    logins.send_link(db, "ada@b.org", URL)
    db.flush()
    keep = next(one for one in logins.mine(db, person(ada)) if one.agent == "Mine")
    with pytest.raises(DeliberateError, match=r"password\.old"):
        logins.check_old(person(ada), "wrong")
    logins.check_old(person(ada), GOOD)
    token = mailed(db, "login.login")
    logins.set_password(db, person(ada), hashed, keep)
    db.expire_all()
    assert [one.agent for one in logins.mine(db, person(ada))] == ["Mine"]
    with pytest.raises(DeliberateError):
        logins.use(db, token)
    assert outbox.recent(db)[0].subject == "Your password was changed"


def test_two_uses_of_a_link_at_the_same_moment(engine: Engine, db: Session, ada: Member) -> None:
    logins.send_link(db, "ada@b.org", URL)
    token = mailed(db, "login.login")
    db.commit()

    def use() -> str:
        with Session(engine) as mine, mine.begin():
            return logins.use(mine, token).email

    assert sorted(together(*[use] * 4)) == ["ada@b.org", "login.link", "login.link", "login.link"]


@pytest.fixture
def cy(db: Session, assembly: Assembly) -> Member:
    """On the roll, not yet joined."""
    return make_member(db, assembly, "Cy", email="cy@b.org", joined=False)


def test_an_invitation_binds_a_person_to_the_row(db: Session, assembly: Assembly, cy: Member, hashed: str) -> None:
    sam = make_act(db, assembly, make_member(db, assembly, "Sam", ("secretary",)))
    token = invitations.invite(sam, cy, URL)
    assert mailed(db, "invitation") == token
    joined = invitations.accept(db, token, hashed)
    assert (joined.email, joined.password, cy.person) == ("cy@b.org", hashed, joined)
    assert db.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.idx.desc())).first() == "member.joined"
    for again in (lambda: invitations.accept(db, token), lambda: invitations.find(db, token)):
        with pytest.raises(DeliberateError, match=r"invitation\.none"):
            again()
    with pytest.raises(DeliberateError, match=r"invitation\.joined"):
        invitations.invite(sam, cy, URL)


def test_somebody_with_a_password_keeps_it(db: Session, ada: Member, hashed: str) -> None:
    other = make_assembly(db, name="Other", slug="other")
    row = make_member(db, other, "Ada", email="ada@b.org", joined=False)
    before = person(ada).password
    assert invitations.accept(db, invitations.issue(db, row), "another hash") is ada.person
    assert person(ada).password == before


def test_one_person_stands_once_on_a_roll(db: Session, assembly: Assembly, ada: Member) -> None:
    ada.email = None  # the secretary moved her address to a second row
    db.flush()
    row = make_member(db, assembly, "Ada again", email="ada@b.org", joined=False)
    with pytest.raises(DeliberateError, match=r"invitation\.twice"):
        invitations.accept(db, invitations.issue(db, row))


@pytest.mark.parametrize("how", ["new", "ended", "old", "unknown"])
def test_invitations_that_do_not_work(db: Session, cy: Member, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    token = invitations.issue(db, cy)
    if how == "new":
        invitations.issue(db, cy)
    elif how == "ended":
        cy.ended_on = now().date()
    elif how == "old":
        later = now() + invitations.LIFE
        monkeypatch.setattr(invitations, "now", lambda: later)
    with pytest.raises(DeliberateError, match=r"invitation\.none"):
        invitations.accept(db, token if how != "unknown" else "x" * 32)


@pytest.mark.parametrize(
    ("over", "code"), [({"email": None}, "invitation.email"), ({"ended_on": now().date()}, "member.ended")]
)
def test_who_cannot_be_invited(db: Session, assembly: Assembly, over: dict[str, Any], code: str) -> None:
    sam = make_act(db, assembly, make_member(db, assembly, "Sam", ("secretary",)))
    with pytest.raises(DeliberateError) as refused:
        invitations.invite(sam, make_member(db, assembly, "Dee", joined=False, **over), URL)
    assert refused.value.code == code


def test_all_who_wait_are_invited_once(db: Session, assembly: Assembly, cy: Member, ada: Member) -> None:
    sam = make_act(db, assembly, make_member(db, assembly, "Sam", ("secretary",)))
    make_member(db, assembly, "No address", joined=False, email=None)
    make_member(db, assembly, "Gone", joined=False, ended_on=now().date())
    assert invitations.waiting(db, assembly, sam.now) == 1
    assert invitations.invite_all(sam, URL) == 1
    assert invitations.invite_all(sam, URL) == 0 == invitations.waiting(db, assembly, now())
    assert db.scalars(select(OutboxMessage.to)).all() == ["cy@b.org"]


def test_a_large_roll_is_invited_by_and_by(db: Session, assembly: Assembly) -> None:
    sam = make_act(db, assembly, make_member(db, assembly, "Sam", ("secretary",)))
    for n in range(5):
        make_member(db, assembly, f"New {n}", joined=False)
    assert [invitations.invite_all(sam, URL, most=2) for _ in range(4)] == [2, 2, 1, 0]
    assert len(set(db.scalars(select(OutboxMessage.to)))) == 5


def test_two_accept_at_the_same_moment(engine: Engine, db: Session, cy: Member) -> None:
    token = invitations.issue(db, cy)
    db.commit()

    def accept() -> str:
        with Session(engine) as mine, mine.begin():
            return invitations.accept(mine, token).email

    assert sorted(together(*[accept] * 4)) == ["cy@b.org", *["invitation.none"] * 3]
    assert db.scalar(select(func.count()).select_from(Person).where(Person.email == "cy@b.org")) == 1
