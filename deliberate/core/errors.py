"""The one shape of a refusal: what happened, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from deliberate.core.sentences import mark


class DeliberateError(Exception):
    """A refusal that a person can act on.

    what: what happened, one sentence. why: the rule or fact behind it. remedy: what to do now. code: a stable
    dotted name such as ``ballot.duplicate``. fields: message per form field. status: the HTTP status that the web
    and the API answer with. All sentences are marked: literals stand in the catalogue, one with values comes from
    :func:`~deliberate.core.sentences.mark`.

    >>> print(DeliberateError('Your ballot ranks "Park" twice.', "Each option may have one rank.",
    ...     "Rank each option at most once.", "ballot.duplicate"))
    Your ballot ranks "Park" twice. Each option may have one rank. Rank each option at most once. [ballot.duplicate]
    """

    status = 422

    def __init__(
        self,
        what: str,
        why: str = "",
        remedy: str = "",
        code: str = "invalid",
        fields: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(what)
        self.what, self.why, self.remedy, self.code = mark(what), mark(why), mark(remedy), code
        self.fields: dict[str, str] = {name: mark(text) for name, text in (fields or {}).items()}
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.remedy, f"[{self.code}]") if part)


class NotFound(DeliberateError):
    """Nothing of that name can be seen by this person."""

    status = 404


class Forbidden(DeliberateError):
    """The standing orders do not allow this act; ``why`` quotes the rule."""

    status = 403


class Conflict(DeliberateError):
    """The thing has changed, or is in a state in which this act is not possible."""

    status = 409


class FormatError(DeliberateError):
    """A file that cannot be read: which file, at which line and column, what is wrong and what was expected."""

    def __init__(self, file: str, line: int, column: int, what: str, expected: str, code: str = "format") -> None:
        where = f"{file}, line {line}, column {column}" if line else file
        super().__init__(f"{where}: {what}.", "", f"Expected {expected}.", code)
        self.file, self.line, self.column, self.expected = file, line, column, expected
