"""Hostile input ends in a clean report: no crash, no hang, bounded memory, exit status 1 or 2."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deliberate.verifier import Report, verify
from deliberate.verifier.canonical import DEEPEST, Malformed, decode
from tests.verifier.make_package import Signer, Spec, archive, build, canonical, info, ranking
from tests.verifier.shared import failing, report

PACKAGE = build(Spec(votes=[[ranking("o1", "o2")], [ranking("o2")], [ranking("o3", "o1")]]))


def zipped(extra: Callable[[zipfile.ZipFile], None], files: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for path, data in sorted((PACKAGE.files if files is None else files).items()):
            made.writestr(info(path), data)
        extra(made)
    return out.getvalue()


def ends_cleanly(found: Report) -> None:
    assert found.exit_code in (1, 2)
    assert failing(found)
    assert all(line.isprintable() for line in found.lines())
    canonical(found.as_json())


@pytest.mark.parametrize("size", [0, 1, 21, 22, 100, 3000, -1, -22, -23, -500])
def test_a_truncated_archive(tmp_path: Path, size: int) -> None:
    found = report(tmp_path, PACKAGE.data[:size] if size else b"")
    ends_cleanly(found)
    assert found.exit_code == 2 and found.result("robustness") == "FAIL"


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b", "a//b", "c:\\x", "a\\b", "./a",
                                  "log/\u202egnp", "x" * 300, "a\nb"])
def test_a_path_that_escapes(tmp_path: Path, path: str) -> None:
    found = report(tmp_path, zipped(lambda z: z.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), b"x")))
    ends_cleanly(found)
    assert {"robustness", "integrity"} & failing(found)


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o020644, 0o010644])
def test_links_folders_and_devices(tmp_path: Path, mode: int) -> None:
    def add(made: zipfile.ZipFile) -> None:
        one = info("zz")
        one.external_attr = mode << 16
        made.writestr(one, b"/etc/passwd")
    found = report(tmp_path, zipped(add))
    assert "robustness" in failing(found) and found.exit_code == 1


def test_a_compressed_member(tmp_path: Path) -> None:
    def add(made: zipfile.ZipFile) -> None:
        one = info("zz")
        one.compress_type = zipfile.ZIP_DEFLATED
        made.writestr(one, bytes(10_000_000))
    found = report(tmp_path, zipped(add))
    assert "integrity" in failing(found)


def test_a_member_twice(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(lambda z: z.writestr(info("code.json"), b"{}"))
    assert "integrity" in failing(report(tmp_path, data))


def test_odd_dates_modes_comments_and_order(tmp_path: Path) -> None:
    def dated(made: zipfile.ZipFile) -> None:
        made.writestr(zipfile.ZipInfo("zz", (2020, 1, 1, 0, 0, 0)), b"")
    assert "integrity" in failing(report(tmp_path, zipped(dated)))
    assert "integrity" in failing(report(tmp_path, zipped(lambda z: z.writestr(info("aa"), b""))))
    commented = zipped(lambda z: setattr(z, "comment", b"hello"))
    assert report(tmp_path, commented).exit_code == 2


def test_bytes_hidden_before_and_between(tmp_path: Path) -> None:
    at = struct.unpack("<I", PACKAGE.data[-6:-2])[0]
    moved = PACKAGE.data[:at] + b"hidden" + PACKAGE.data[at:-6] + struct.pack("<I", at + 6) + PACKAGE.data[-2:]
    assert "integrity" in failing(report(tmp_path, moved))
    ends_cleanly(report(tmp_path, b"hidden" + PACKAGE.data))


def test_headers_that_lie_about_sizes(tmp_path: Path) -> None:
    at = struct.unpack("<I", PACKAGE.data[-6:-2])[0]
    for field in (20, 24, 42):
        data = bytearray(PACKAGE.data)
        data[at + field:at + field + 4] = b"\xff\xff\xff\x7f"
        ends_cleanly(report(tmp_path, bytes(data)))


DEEP = b"[" * 30_000
BAD_JSON = [DEEP, b'{"a":' * 5000, b"1" * 100_000, b'"' + b"x" * 300_000, b"\xff\xfe", b"\xef\xbb\xbf{}", b'{"v":NaN}',
            b'"\\ud800"', b"{}\n",
            b'{"v":1}{"v":1}', b"null", b"[]", b"-0", b'{"v":1,"v":1}', b'"' + "e\u0301".encode() + b'"', b"1e999", b"",
            b'{"v":' + b"9" * 400 + b"}"]


@pytest.mark.parametrize("bad", range(len(BAD_JSON)))
@pytest.mark.parametrize("path", ["manifest.json", "definition.json", "tally/rounds.json", "code.json",
                                  "rejected.jsonl", "roll.jsonl"])
def test_deep_huge_and_odd_json(tmp_path: Path, path: str, bad: int) -> None:
    if path == "rejected.jsonl" and not BAD_JSON[bad].strip(b"[]nul{}-0 \n"):
        return
    found = report(tmp_path, archive(PACKAGE.files | {path: BAD_JSON[bad]}))
    ends_cleanly(found)


@pytest.mark.parametrize("bad", range(len(BAD_JSON)))
@pytest.mark.parametrize("ledger", ["poll", "box", "assembly"])
def test_entries_that_are_not_entries(tmp_path: Path, ledger: str, bad: int) -> None:
    size = len(PACKAGE.bodies[ledger])
    data = BAD_JSON[bad][:65_535]
    path = f"log/{ledger}/tile/entries/000.p/{size}"
    ends_cleanly(report(tmp_path, archive(PACKAGE.files | {path: (len(data).to_bytes(2, "big") + data) * size})))


def test_many_quotes_without_an_end_take_no_time(tmp_path: Path) -> None:
    """A pattern that looked for the end of each string from each quote took hours here."""
    bad = b"{" + b'"a":[],' * 40 + b'"' + b'\\"' * 1_900_000
    found = report(tmp_path, archive(PACKAGE.files | {"definition.json": bad}))
    assert "schema" in failing(found)
    for deep in (DEEPEST, DEEPEST + 1):
        data = b"[" * deep + b"]" * deep
        if deep > DEEPEST:
            with pytest.raises(Malformed, match="deeper"):
                decode(data)
        else:
            assert decode(data)


def test_more_values_than_memory_should_hold(tmp_path: Path) -> None:
    for path, data in (("tally/rounds.json", b"[" + b"[]," * 1_100_000 + b"[]]"),
                       ("manifest.json", b"[" + b"1," * 2_100_000 + b"1]")):
        found = report(tmp_path, archive(PACKAGE.files | {path: data}))
        assert any("more than 2000000 values" in one.says for some in found.fails.values() for one in some)


def test_refused_ballots_have_reasons_and_an_end(tmp_path: Path) -> None:
    spec = PACKAGE.spec
    good = build(spec, files=lambda f: f | {"rejected.jsonl": b'{"reason":"Two options at one rank."}\n'})
    assert not failing(report(tmp_path, good))
    for line in (b"1\n", b"{}\n", b'{"reason":""}\n', b'{"reason":1}\n'):
        bad = build(spec, files=lambda f, one=line: f | {"rejected.jsonl": one})
        assert failing(report(tmp_path, bad)) == {"schema"}
    many = build(spec, files=lambda f: f | {"rejected.jsonl": b'{"reason":"x"}\n' * 100_001})
    assert failing(report(tmp_path, many)) == {"robustness"}


def test_an_endless_line(tmp_path: Path) -> None:
    for path in ("roll.jsonl", "replaced.jsonl", "rejected.jsonl"):
        found = report(tmp_path, archive(PACKAGE.files | {path: b"x" * 1_000_000}))
        assert "robustness" in failing(found)


def test_checkpoints_of_absurd_size(tmp_path: Path) -> None:
    for size in (10**15, 10**9, 2**53 - 1):
        note = PACKAGE.spec.signer.note(f"{PACKAGE.origin('poll')}\n{size}\n{'A' * 43}=\n")
        found = report(tmp_path, archive(PACKAGE.files | {"log/poll/checkpoint": note}))
        assert {"robustness", "ledger"} & failing(found)


def test_notes_that_are_not_notes(tmp_path: Path) -> None:
    for note in (b"", b"\n\n", b"a\n\n\n", "a\n\n\u2014 b c\n".encode(), b"\x00", b"\xff", b"x" * 400_000,
                 b"a\n\n" + "\u2014 n AAAA\n".encode() * 999):
        for path in ("manifest.note", "log/poll/checkpoint"):
            assert "signature" in failing(report(tmp_path,
                                                 archive(PACKAGE.files | {path: note}))) or len(note) > 300_000


def test_weights_without_a_sane_common_denominator(tmp_path: Path) -> None:
    primes = [999999999989, 999999999961, 999999999937, 999999999899, 999999999863, 999999999857]
    spec = Spec(votes=[[ranking("o1")]] * len(primes), weights=[f"1/{p}" for p in primes], void=True)
    found = report(tmp_path, build(spec, definition=lambda d: d["roll"].update(weight="6")))
    assert found.exit_code == 1 and "robustness" in failing(found)


def test_unknown_versions_and_methods_are_not_readable(tmp_path: Path) -> None:
    for hook in ({"manifest": lambda m: m.update(v=2)}, {"definition": lambda d: d.update(v=2)},
                 {"definition": lambda d: d.update(method="kemeny")}):
        assert report(tmp_path, build(PACKAGE.spec, **hook)).exit_code == 2


@pytest.mark.parametrize("method", ["irv", "scottish-stv"])
def test_a_count_under_constraints_is_not_known(tmp_path: Path, method: str) -> None:
    """The rules write them out, empty; a group would change who is elected, and this verifier does not count so."""
    spec = Spec(method=method, votes=[[ranking("o1")]] * 3)
    assert report(tmp_path, build(spec)).exit_code == 0
    group = {"name": "young", "options": ["o1"], "least": 1, "most": None}
    found = report(tmp_path, build(spec, definition=lambda d: d["rules"].update(constraints=[group])))
    assert (found.exit_code, found.result("tally")) == (2, "NOT CHECKED")
    assert "constraints on who is elected, which are not known to this verifier" in found.unreadable
    for wrong in (lambda rules: rules.pop("constraints"), lambda rules: rules.update(constraints=None)):
        found = report(tmp_path, build(spec, definition=lambda d, wrong=wrong: wrong(d["rules"])))
        assert found.exit_code == 1 and "constraints" in found.fails["schema"][0].says


def test_a_missing_definition_leaves_the_rest_unchecked(tmp_path: Path) -> None:
    found = report(tmp_path, archive({k: v for k, v in PACKAGE.files.items() if k != "definition.json"}))
    assert found.exit_code == 1 and found.result("tally") == "NOT CHECKED"


def test_an_empty_archive_and_no_file(tmp_path: Path) -> None:
    assert "integrity" in failing(report(tmp_path, zipped(lambda z: None, {})))
    for path in (str(tmp_path), str(tmp_path / "none"), "\0", "x" * 5000):
        found = verify(path)
        assert found.exit_code == 2 and found.unreadable


def test_directories_that_lie(tmp_path: Path) -> None:
    """About how many files they name, with an entry that is none, and of a last file longer than the archive."""
    good, at = PACKAGE.data, struct.unpack("<I", PACKAGE.data[-6:-2])[0]
    few = good[:-14] + struct.pack("<HH", 1, 1) + good[-10:]
    assert "larger than its number of files" in report(tmp_path, few).unreadable
    assert "damaged" in report(tmp_path, good[:at] + b"PK\1\3" + good[at + 4:]).unreadable
    for at_local, said in ((10, "two headers that differ"), (30 + len("ballots.csv") + 3, "its check sum is wrong")):
        flipped = bytearray(good)
        flipped[zipfile.ZipFile(io.BytesIO(good)).getinfo("ballots.csv").header_offset + at_local] ^= 1
        assert any(said in one.says for one in report(tmp_path, bytes(flipped)).fails["integrity"])
    long, last = bytearray(good), zipfile.ZipFile(io.BytesIO(good)).infolist()[-1]
    entry = good.rindex(b"PK\1\2")
    for place in (last.header_offset + 18, last.header_offset + 22, entry + 20, entry + 24):
        long[place:place + 4] = struct.pack("<I", 1 << 30)
    assert "cut short" in report(tmp_path, bytes(long)).unreadable


def test_a_policy_deeper_than_any_stack(tmp_path: Path) -> None:
    """What nobody thought of ends in the report, too."""
    one = Signer("w.example", b"\1" * 32, 4)
    groups = "".join(f"group g{n} any g{n - 1}\n" for n in range(1, 3000))
    policy = f"witness w {one.vkey}\ngroup g0 any w\n{groups}quorum g2999\n"
    found = report(tmp_path, PACKAGE, policy=policy.encode())
    ends_cleanly(found)
    assert any("Reading had to stop (RecursionError" in one.says for one in found.fails["robustness"])


def test_a_receipt_as_long_as_a_book(tmp_path: Path) -> None:
    found = report(tmp_path, PACKAGE, receipt=b"x" * 400_000)
    assert found.exit_code == 2 and "too long to be a receipt" in found.unreadable


def test_a_roll_of_many_odd_weights(tmp_path: Path) -> None:
    def roll(*weights: str) -> bytes:
        return b"".join(canonical({"roll": f"{n:064x}", "weight": w}) + b"\n" for n, w in enumerate(weights, 1))
    for weights, check, said in ((("2/4",), "schema", "Line 1 of the roll: "), (("0",), "eligibility", "no weight above 0"),
                                 (tuple(map(str, range(1, 10_010))), "robustness", "10000 different weights")):
        found = report(tmp_path, archive(PACKAGE.files | {"roll.jsonl": roll(*weights)}))
        assert any(said in one.says for one in found.fails[check]), found.lines()
    assert "integrity" in failing(report(tmp_path, archive({k: v for k, v in PACKAGE.files.items() if k != "roll.jsonl"})))


def test_a_bundle_cut_short_within_an_entry(tmp_path: Path) -> None:
    path = "log/box/tile/entries/000.p/3"
    found = report(tmp_path, archive(PACKAGE.files | {path: PACKAGE.files[path][:-5]}))
    assert any("does not hold exactly 3 entries" in one.says for one in found.fails["ledger"])


def test_keys_are_ascii_except_in_the_count() -> None:
    data = canonical({"é": 1})
    assert decode(data, names=True) == {"é": 1}
    with pytest.raises(Malformed, match="not ASCII"):
        decode(data)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_random_damage_never_crashes_or_passes(tmp_path: Path, data: st.DataObject) -> None:
    """Any changed byte of the whole file is noticed."""
    at = data.draw(st.integers(0, len(PACKAGE.data) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda v: v != PACKAGE.data[at]))
    ends_cleanly(report(tmp_path, PACKAGE.data[:at] + bytes([value]) + PACKAGE.data[at + 1:]))


def test_memory_stays_bounded(tmp_path: Path) -> None:
    big = archive(PACKAGE.files | {"zz": bytes(40_000_000)})
    file = tmp_path / "big.zip"
    file.write_bytes(big)
    del big
    tracemalloc.start()
    try:
        verify(str(file))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000
