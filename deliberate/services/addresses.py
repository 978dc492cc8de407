"""Addresses: whether a text is an e-mail address, by the standards and without asking any name server."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from deliberate.core import electorate


def is_email(text: str) -> bool:
    """Whether a canonical address is one. Nothing is looked up, so that a roll can be read offline."""
    if not electorate.is_email(text):
        return False
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
