"""Keys: the ledger's Ed25519 key, in a file that only the server can read, never in the database."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from deliberate.core.errors import DeliberateError
from deliberate.core.ledger.note import Signer
from deliberate.settings import Settings

FILE = "ledger.key"


def path(settings: Settings) -> Path:
    """Where the key lies."""
    return Path(settings.keys) / FILE


def make(settings: Settings) -> bool:
    """Make the key if there is none. Returns whether one was made. An existing key is never overwritten."""
    file = path(settings)
    if file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(f"{settings.origin} {secrets.token_hex(32)}\n")
    return True


def load(settings: Settings) -> Signer:
    """The signing key under the name that it was made with, so that a site may move. On a development server it is made when missing.

    Raises DeliberateError ``keys.*`` when it is missing in production, damaged, or readable by others.
    """
    if settings.development:
        make(settings)
    file = path(settings)
    try:
        name, _, text = file.read_text().strip().partition(" ")
        seed = bytes.fromhex(text)
        mode = file.stat().st_mode
    except FileNotFoundError:
        raise DeliberateError(
            "The ledger has no key.", f"There is no file {file}.", "Run: deliberate init", "keys.none"
        ) from None
    except (ValueError, OSError) as error:
        raise DeliberateError(
            "The ledger's key cannot be read.", f"{file}: {error}", "Restore it from your backup.", "keys.damaged"
        ) from error
    if len(seed) != 32:
        raise DeliberateError(
            "The ledger's key is damaged.",
            f"{file} does not hold 32 bytes.",
            "Restore it from your backup.",
            "keys.damaged",
        )
    if mode & 0o077:
        raise DeliberateError(
            "Others can read the ledger's key.",
            f"{file} is open to other users of this machine.",
            f"Run: chmod 600 {file}",
            "keys.mode",
        )
    return Signer(name, seed)
