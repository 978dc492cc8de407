"""People: roll import, invitations, log-ins, offices."""

from __future__ import annotations

import threading
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deliberate.core import electorate
from deliberate.core.errors import DeliberateError
from deliberate.models import (
    Assembly,
    Invitation,
    LedgerEntry,
    Login,
    MailLink,
    Member,
    OutboxMessage,
    Person,
    RollImport,
)
from deliberate.services import invitations, logins, members, rolls, throttle
from deliberate.services.act import now
from tests.makers import make_act, make_assembly, make_member

HEAD = "number,name,email,section,weight\n"


def parse(text, encoding="utf-8"):
    return electorate.parse(text.encode(encoding) if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (HEAD + "1,Zoë,zoe@example.org,North,1\n", "utf-8"),
        ("\ufeff" + HEAD + "1,Zoë,zoe@example.org,North,1\n", "utf-8"),
        (HEAD.replace(",", ";") + "1;Zoë;zoe@example.org;North;1\n", "cp1252"),
        (HEAD.replace(",", "\t") + "1\tZoë\tZOE@example.org\tNorth\t1\r\n", "utf-16"),
    ],
)
def test_a_roll_is_read_as_it_comes(content, encoding):
    found = parse(content, encoding)
    assert found.faults == []
    assert [(line.name, line.email, line.section) for line in found.lines] == [("Zoë", "zoe@example.org", "North")]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("1,,a@example.org,,1", "name is missing"),
        (",Ada,a@example.org,,1", "number is missing"),
        ("1,Ada,not an address,,1", "not an e-mail"),
        ("1,=cmd(),a@example.org,,1", 'begins with "="'),
        ("1,Ada,a@example.org,@x,1", 'begins with "@"'),
        ("1,Ada,a@example.org,,0", "weight is"),
        ("1,Ada,a@example.org,,-1", "begins with"),
        ("1,Ada,a@example.org,,1e3", "weight is"),
        ("1,Ada,a@example.org,,1/0", "weight is"),
        ("1,Ada", "cells"),
        ("1,Ada,a..b@example.org,,1", "not an e-mail"),
        ("1,Ada,@example.org,,1", "begins with"),
    ],
)
def test_a_fault_names_its_line(row, word):
    found = parse(HEAD + "9,Good,good@example.org,,3/2\n" + row + "\n")
    assert [fault.line for fault in found.faults if word in fault.what] == [3]
    assert [line.weight for line in found.lines][:1] == [Fraction(3, 2)]


def test_doubles_name_both_lines():
    found = parse(HEAD + "1,Ada,a@example.org,,1\n1,Bo,A@EXAMPLE.org,,1\n")
    assert [(fault.line, fault.column) for fault in found.faults] == [(3, "number"), (3, "email")]
    assert "line 2" in found.faults[0].what


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roll.empty"),
        (b"name,email\nAda,a@b.org\n", "roll.header"),
        (b"number,name,name\n", "roll.header"),
        (b"\x00\x01", "roll.binary"),
    ],
)
def test_a_file_that_is_no_roll_is_refused(content, code):
    with pytest.raises(DeliberateError) as refused:
        parse(content)
    assert refused.value.code == code


@pytest.fixture
def office(engine):
    with Session(engine, expire_on_commit=False) as db, db.begin():
        assembly = make_assembly(db)
        sam = make_member(db, assembly, "Sam", ("secretary", "admin"), number="S1")
        ada = make_member(db, assembly, "Ada", number="A1", section="North")
    return engine, assembly, sam, ada


def upload(engine, assembly, sam, text):
    with Session(engine) as db, db.begin():
        made = rolls.upload(
            make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id)), "roll.csv", text.encode()
        )
        import_id = made.id
    rolls.look(engine, import_id)
    return import_id


def test_a_roll_is_compared_then_applied_whole(office):
    engine, assembly, sam, _ = office
    import_id = upload(engine, assembly, sam, HEAD + "A1,Ada B,,South,2\nN1,Nina,nina@example.org,North,1.5\n")
    with Session(engine) as db, db.begin():
        made = db.get_one(RollImport, import_id)
        assert made.state == "ready"
        assert made.report["summary"] == {
            "lines": 2,
            "new": 1,
            "changed": 1,
            "unchanged": 0,
            "missing": 1,
            "faults": 0,
            "encoding": "utf-8",
        }
        assert {field for field, _, _ in made.report["changed"][0]["fields"]} == {"name", "email", "section", "weight"}
        counts = rolls.apply(
            make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id)), made, end_missing=False
        )
    assert counts == {"new": 1, "changed": 1, "ended": 0}
    with Session(engine) as db:
        rows = {m.number: (m.name, m.section, m.weight) for m in db.scalars(select(Member))}
        assert rows["A1"] == ("Ada B", "South", Fraction(2))
        assert rows["N1"] == ("Nina", "North", Fraction(3, 2))
        assert db.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == "roll.imported")) == 1
        again = rolls.export(db, db.get_one(Assembly, assembly.id))
    assert electorate.parse(again.encode()).faults == []


def test_a_roll_with_faults_changes_nothing(office):
    engine, assembly, sam, _ = office
    import_id = upload(engine, assembly, sam, HEAD + "A1,Ada,broken,,1\n")
    with Session(engine) as db, db.begin():
        made = db.get_one(RollImport, import_id)
        assert made.state == "refused"
        assert made.report["faults"][0]["line"] == 2
        with pytest.raises(DeliberateError, match=r"roll\.state"):
            rolls.apply(make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id)), made)


def test_a_roll_that_changed_meanwhile_is_not_applied(office):
    engine, assembly, sam, _ada = office
    import_id = upload(engine, assembly, sam, HEAD + "A1,Ada,,North,1\n")
    with Session(engine) as db, db.begin():
        make_member(db, db.get_one(Assembly, assembly.id), "New", number="X9")
    with Session(engine) as db, db.begin(), pytest.raises(DeliberateError, match=r"roll\.changed"):
        rolls.apply(
            make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id)),
            db.get_one(RollImport, import_id),
        )


def test_only_the_secretary_imports(office):
    engine, assembly, _, ada = office
    with Session(engine) as db, db.begin(), pytest.raises(DeliberateError, match=r"Rule 2\.2"):
        rolls.upload(make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, ada.id)), "roll.csv", b"x")


def test_an_invitation_is_accepted_once_even_by_two_at_once(office):
    engine, assembly, sam, _ = office
    with Session(engine) as db, db.begin():
        act = make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id))
        member = members.add(act, "I1", "Ines", "ines@example.org")
        token = invitations.invite(act, member, "http://x/invitation/{token}")
        mail = db.scalars(select(OutboxMessage)).one()
        assert token in mail.text and mail.to == "ines@example.org"
        assert db.scalars(select(Invitation)).one().token_hash != token
    done, refused = [], []

    def accept():
        try:
            with Session(engine) as db, db.begin():
                done.append(invitations.accept(db, token).id)
        except Exception as error:
            refused.append(error)

    threads = [threading.Thread(target=accept) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1 and len(refused) == 3
    with Session(engine) as db:
        assert db.scalar(select(func.count()).select_from(Person).where(Person.email == "ines@example.org")) == 1
        with pytest.raises(DeliberateError, match=r"invitation\.none"):
            invitations.find(db, token)


def test_a_new_invitation_ends_the_one_before(office):
    engine, assembly, sam, _ = office
    with Session(engine) as db, db.begin():
        member = members.add(
            make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id)),
            "I1",
            "Ines",
            "ines@example.org",
        )
        first = invitations.issue(db, member)
        second = invitations.issue(db, member)
        db.flush()
        with pytest.raises(DeliberateError):
            invitations.find(db, first)
        assert invitations.find(db, second).member_id == member.id


def test_log_in_by_link_works_once(office):
    engine, _, sam, _ = office
    with Session(engine) as db, db.begin():
        logins.send_link(db, sam.email.upper(), "http://x/login/{token}")
        token = db.scalars(select(OutboxMessage)).one().text.split("/login/")[1].split()[0]
        assert db.scalars(select(MailLink)).one().token_hash == logins.digest(token)
        assert logins.by_link(db, token, "test")
        with pytest.raises(DeliberateError, match=r"login\.link"):
            logins.by_link(db, token, "test")


def test_an_unknown_address_gets_no_mail_and_no_other_answer(office):
    engine, *_ = office
    with Session(engine) as db, db.begin():
        assert logins.send_link(db, "nobody@example.org", "http://x/{token}") is None
        assert db.scalar(select(func.count()).select_from(OutboxMessage)) == 0
        with pytest.raises(DeliberateError) as unknown:
            logins.by_password(db, "nobody@example.org", "a long password", "test")
        with pytest.raises(DeliberateError) as wrong:
            logins.by_password(db, "m1@example.org", "a long password", "test")
        assert str(unknown.value) == str(wrong.value)


@pytest.mark.parametrize("bad", ["short", "x" * 201, "password1234", "aaaaaaaaaaaab"])
def test_bad_passwords_are_refused(bad):
    with pytest.raises(DeliberateError, match=r"password\."):
        logins.hashed(bad)


def test_a_changed_password_ends_other_log_ins(office):
    engine, _, sam, _ = office
    with Session(engine) as db, db.begin():
        person = db.get_one(Person, sam.person_id)
        logins.start(db, person, "link", "one")
        logins.start(db, person, "link", "two")
        db.flush()
        keep = db.scalars(select(Login).where(Login.agent == "two")).one()
        logins.set_password(db, person, "correct horse battery", None, keep)
        assert [one.agent for one in logins.mine(db, person)] == ["two"]
        assert logins.verify(person.password, "correct horse battery")
        with pytest.raises(DeliberateError, match=r"password\.old"):
            logins.set_password(db, person, "another long password", "wrong", keep)


def test_attempts_are_throttled():
    limiter = throttle.Throttle()
    for _ in range(10):
        limiter.check(login_account="ada")
    with pytest.raises(DeliberateError, match="throttle") as refused:
        limiter.check(login_account="ada")
    assert refused.value.status == 429
    limiter.check(login_account="bo")


def test_an_office_has_a_start_and_an_end(office):
    engine, assembly, sam, ada = office
    with Session(engine) as db, db.begin():
        act = make_act(db, db.get_one(Assembly, assembly.id), db.get_one(Member, sam.id))
        member = db.get_one(Member, ada.id)
        role = members.grant(act, member, "teller", now() - timedelta(hours=1), now() + timedelta(hours=1))
        db.flush()
        db.refresh(member, ["roles"])
        assert "teller" in members.by_words(member, now())
        assert "teller" not in members.by_words(member, now() + timedelta(hours=2))
        members.revoke(act, role)
        assert "teller" not in members.by_words(member, now() + timedelta(seconds=1))
        with pytest.raises(DeliberateError, match=r"role\.last"):
            members.revoke(act, next(r for r in db.get_one(Member, sam.id).roles if r.role == "admin"))
        with pytest.raises(DeliberateError, match=r"role\.name"):
            members.grant(act, member, "king", now())
