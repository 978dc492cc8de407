"""The shape of a refusal."""

from __future__ import annotations

from deliberate.core.errors import Conflict, DeliberateError, Forbidden, FormatError, NotFound


def test_each_kind_of_refusal_has_its_status_unless_one_is_given():
    assert [kind("No.").status for kind in (DeliberateError, NotFound, Forbidden, Conflict)] == [422, 404, 403, 409]
    assert DeliberateError("No.", status=503).status == 503
    assert DeliberateError("No.").status == 422, "the status of one refusal is not that of the next"


def test_a_refusal_says_what_why_what_to_do_and_its_code():
    assert str(DeliberateError("What.", "Why.", "Do.", "a.b")) == "What. Why. Do. [a.b]"
    assert str(DeliberateError("What.")) == "What. [invalid]"


def test_a_file_that_cannot_be_read_is_named_with_the_place_if_there_is_one():
    assert FormatError("a.csv", 3, 7, "a quote is open", "a quote").what == "a.csv, line 3, column 7: a quote is open."
    assert FormatError("a.csv", 0, 0, "it is empty", "lines").what == "a.csv: it is empty."
