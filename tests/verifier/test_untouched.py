"""No false alarm: packages as they should be, for each method and mode and at every edge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verifier.make_package import Signer, Spec, build, choice, ranking, time
from tests.verifier.shared import failing, report

RANKED = [[ranking("o1", "o2")], [ranking("o2")], None, [ranking("o1"), ranking("o2", "o1")], [ranking("o3", "o1")],
          [ranking()],
          [ranking("o3", "o2", "o1")]]
CHOSEN = [[choice("o1")], [choice("o2")], None, [choice("o1"), choice("o2"), choice("o3")], [choice()], [choice("o2")]]
YES_NO = [[choice("yes")], [choice("no")], None, [choice("yes"), choice("no")], [choice()], [choice("abstain")],
          [choice("yes")]]
METHODS = {"irv": RANKED, "scottish-stv": RANKED, "plurality": CHOSEN, "motion": YES_NO}
TIE = [[ranking("o1")], [ranking("o2")], [ranking("o3")], [ranking("o3")]]
LOT = {"round": 1, "purpose": "exclude", "tied": ["Park", "Ali"], "chosen": "Ali"}


@pytest.mark.parametrize("mode", ["open", "confidential"])
@pytest.mark.parametrize("method", sorted(METHODS))
def test_each_method_and_mode(tmp_path: Path, method: str, mode: str) -> None:
    seats = 2 if method == "scottish-stv" else 1
    found = report(tmp_path, build(Spec(method=method, mode=mode, votes=METHODS[method], seats=seats)))
    assert not failing(found) and found.exit_code == 0
    passed = {c for c in found.passed if found.result(c) == "PASS"}
    assert passed == {"integrity", "signature", "ledger", "window", "eligibility", "uniqueness", "revote", "definition",
                      "schema",
                      "formats", "tally", "robustness"}




class Named(Spec):
    """A poll with an option whose id is a word of the entries themselves."""

    @property
    def ids(self) -> list[str]:
        return ["nonce", "o2", "o3"]


EDGES = {
    "nobody voted": Spec(votes=[None, None]),
    "nobody voted on a motion": Spec(method="motion", mode="open", votes=[None]),
    "one member": Spec(votes=[[ranking("o2")]]),
    "all blank": Spec(method="scottish-stv", votes=[[ranking()], [ranking()]]),
    "fractional weights": Spec(votes=RANKED, weights=["1", "3/2", "1/3", "2", "1/2", "1", "7/3"]),
    "fractional weights on a motion": Spec(method="motion", mode="open", votes=YES_NO,
                                           weights=["1", "3/2", "1/3", "2", "1/2", "1", "7/3"]),
    "whole weights": Spec(method="scottish-stv", seats=2, votes=RANKED, weights=["1", "3", "2", "2", "1", "1", "4"]),
    "a lot": Spec(votes=TIE, rules={"ties": ["backwards", "lot"]}, lots=[LOT]),
    "a seed": Spec(votes=TIE, rules={"ties": ["seed"], "seed": "ab" * 32}),
    "paper ballots": Spec(votes=[[ranking("", "o1=o2", "o3")], [ranking("o1", "", "o2")], [ranking("o3", "o3", "o1")]]),
    "seats for all": Spec(method="scottish-stv", seats=3, votes=RANKED),
    "a name with a quote": Spec(votes=RANKED, names=['Ann "Nan" Lee', "Zoë", "<b>"]),
    "an option called nonce": Named(votes=[[ranking("nonce", "o2")], [ranking("o2")], [ranking("nonce"), ranking("o3")]]),
    "void": Spec(votes=RANKED, void=True),
    "quorum": Spec(method="motion", votes=YES_NO,
                   rules={"quorum": {"on": "turnout", "by": "heads", "fraction": "1/2"}, "basis": "votes+abstentions",
                          "min_yes": "1"}),
    "no quorum": Spec(method="motion", votes=YES_NO,
                      rules={"quorum": {"on": "turnout", "by": "weight", "fraction": "1/1"}}),
    "quorum of members": Spec(method="motion", votes=YES_NO,
                              rules={"quorum": {"on": "turnout", "by": "heads", "number": 2}}),
    "quorum of votes": Spec(method="motion", votes=YES_NO,
                            rules={"quorum": {"on": "turnout", "by": "weight", "number": 100}}),
    "double majority": Spec(method="motion", votes=YES_NO, weights=["1", "3/2", "1/3", "2", "1/2", "1", "7/3"],
                            rules={"double": True, "blank": "abstain", "min_roll": "1/9", "non_negative": "1/2"}),
    "chair to cast": Spec(method="motion", votes=[[choice("yes")], [choice("no")]], rules={"tie": "casting"}),
    "one full tile": Spec(votes=[[ranking("o1")]] * 256),
    "several tiles": Spec(mode="open", votes=[[ranking("o1")], [ranking("o3", "o2")]] * 300),
}


@pytest.mark.parametrize("name", sorted(EDGES))
def test_edges(tmp_path: Path, name: str) -> None:
    found = report(tmp_path, build(EDGES[name]))
    assert not failing(found), found.lines()
    assert found.exit_code == 0


def test_a_void_poll_has_no_count(tmp_path: Path) -> None:
    found = report(tmp_path, build(EDGES["void"]))
    assert found.result("tally") == found.result("formats") == "NOT CHECKED"


def test_what_a_writer_may_leave_out(tmp_path: Path) -> None:
    """The version of the code where nothing was counted; BLT where a name has a quote; the decision to withhold ballots."""
    void = build(EDGES["void"], files=lambda f: {k: v for k, v in f.items() if k != "code.json"})
    quoted = build(EDGES["a name with a quote"], files=lambda f: {k: v for k, v in f.items() if k != "ballots.blt"})
    act = {"v": 1, "kind": "admin", "at": time(57), "by": "c" * 64,
           "data": {"act": "publication", "level": "auditors", "unique": 4}}
    withheld = build(Spec(votes=RANKED, publication="auditors", hide=True), poll=lambda e: [*e[:-1], act, e[-1]])
    for package in (void, quoted, withheld):
        found = report(tmp_path, package)
        assert not failing(found), found.lines()


def test_withheld_ballots_are_not_checked_and_never_passed(tmp_path: Path) -> None:
    found = report(tmp_path, build(Spec(votes=RANKED, publication="auditors", hide=True)))
    assert not failing(found)
    assert {c for c in ("tally", "formats", "uniqueness") if found.result(c) == "NOT CHECKED"} == {"tally", "formats",
                                                                                                   "uniqueness"}


def test_witnesses(tmp_path: Path) -> None:
    one, two = Signer("w1.example", b"\1" * 32, 4), Signer("w2.example", b"\2" * 32, 4)
    package = build(Spec(votes=RANKED, witness={"k": 2, "of": [one.vkey, two.vkey]}, witnesses=[one, two]))
    assert report(tmp_path, package).result("witness") == "PASS"
    policy = (f"witness a {one.vkey}\nwitness b {two.vkey} https://w2.example\n"
              "group g all a b # both\nquorum g\n").encode()
    assert report(tmp_path, package, policy=policy).result("witness") == "PASS"


def test_the_sentence_of_the_tally_names_the_winner(tmp_path: Path) -> None:
    found = report(tmp_path, build(Spec(votes=[[ranking("o1")], [ranking("o1")], [ranking("o2")], [ranking("o2")],
                                               [ranking("o3", "o1")]])))
    assert "PASS tally: counted again from 5 ballots: Park wins in round 2, as published." in found.lines()
