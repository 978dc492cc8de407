"""Ballot boxes: how a mode keeps ballots. One class per mode; the writer knows only this interface.

A box decides in memory what a ballot does to the poll; the writer brings in the rows and commits the changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from deliberate.core.errors import Conflict, DeliberateError
from deliberate.core.ledger import canonical, entries, merkle
from deliberate.core.sentences import mark


@dataclass(frozen=True)
class Cast:
    """One ballot on its way. key: the form's random 128 bits, hex; nonce: 128 random bits, hex; received: server clock."""

    poll_id: int
    roll: str
    ballot: dict[str, Any]
    key: str
    nonce: str
    received: datetime


@dataclass(frozen=True)
class Cell:
    """A stored ballot: its leaf hash and canonical body."""

    leaf: str
    body: bytes

    def says(self, ballot: dict[str, Any]) -> bool:
        """Whether it is this very ballot."""
        return bool(canonical.decode(self.body)["data"]["ballot"] == ballot)


@dataclass
class BoxState:
    """What a batch knows of one poll, and what it will change."""

    poll: str
    revote: bool
    weights: dict[str, Fraction]
    taken: dict[str, tuple[str, str]]  # roll to (leaf, key) of participations
    cells: dict[str, Cell]  # open: by leaf; confidential: by key
    prev: str  # leaf hash of the poll ledger's last entry
    appended: list[tuple[str, bytes]] = field(default_factory=list)  # (kind, body) for the poll ledger
    joined: dict[str, tuple[str, str]] = field(default_factory=dict)  # participations to write
    pending: dict[str, tuple[Cell, bool]] = field(default_factory=dict)  # key to (ballot, replaced)
    moved: list[str] = field(default_factory=list)  # keys of pending rows to take away

    def append(self, kind: str, body: bytes) -> str:
        """Queue an entry for the poll ledger and return its leaf hash."""
        self.prev = merkle.leaf_hash(body).hex()
        self.appended.append((kind, body))
        return self.prev


def key_hash(poll: str, key: str, roll: str) -> str:
    """How the form's key is stored: never as the browser keeps it, and of no use to another member at the same browser."""
    return hashlib.sha256(f"deliberate ballot key\n{poll}\n{key}\n{roll}".encode()).hexdigest()


ONLY_THERE = mark(
    "The system keeps no link from you to your ballot. It can be changed only in the browser in which it was cast."
)


def already(remedy: str) -> DeliberateError:
    return Conflict("You have already voted in this poll.", "Each member has one ballot.", remedy, "ballot.already")


def _weight(state: BoxState, roll: str) -> str:
    if roll not in state.weights:
        raise DeliberateError(
            "You are not on the roll of this poll.",
            "The roll was frozen when the poll opened.",
            "Ask the secretary.",
            "poll.voter",
            status=403,
        )
    return canonical.exact(state.weights[roll])


def open_box(state: BoxState, cast: Cast) -> str:
    """Roll call: the ballot is an entry of the poll ledger that carries the member's value. Returns its leaf hash."""
    weight = _weight(state, cast.roll)
    key = key_hash(state.poll, cast.key, cast.roll)
    data: dict[str, Any] = {"roll": cast.roll, "ballot": cast.ballot, "nonce": cast.nonce, "weight": weight}
    kind = "cast"
    if cast.roll in state.taken:
        leaf, old_key = state.taken[cast.roll]
        if state.cells[leaf].says(cast.ballot) and (key == old_key or state.revote):
            return leaf
        if not state.revote:
            raise already(mark("It cannot be changed in this poll. Your receipt shows that it is stored."))
        kind, data["replaces"] = "replace", leaf
    body = entries.body("poll", kind, at=cast.received, data=data, prev=state.prev or None)
    leaf = state.append(kind, body)
    state.taken[cast.roll] = state.joined[cast.roll] = (leaf, key)
    state.cells[leaf] = Cell(leaf, body)
    return leaf


def confidential_box(state: BoxState, cast: Cast) -> str:
    """The poll ledger says that the member has voted; the ballot waits apart under a random key. Returns its leaf hash."""
    weight = _weight(state, cast.roll)
    key = key_hash(state.poll, cast.key, cast.roll)
    cell = state.cells.get(key)
    if cast.roll not in state.taken:
        leaf = _put(state, key, "cast", {"ballot": cast.ballot, "nonce": cast.nonce, "weight": weight})
        state.append(
            "participate", entries.body("poll", "participate", data={"roll": cast.roll}, prev=state.prev or None)
        )
        state.taken[cast.roll] = state.joined[cast.roll] = ("", "")
        return leaf
    if cell is None:
        raise already(ONLY_THERE if state.revote else mark("It cannot be changed in this poll."))
    if cell.says(cast.ballot):
        return cell.leaf
    if not state.revote:
        raise already(mark("It cannot be changed in this poll."))
    old = hashlib.sha256(f"replaced\n{key}\n{cell.leaf}".encode()).hexdigest()
    state.moved.append(key)
    state.pending[old] = (cell, True)
    return _put(
        state, key, "replace", {"ballot": cast.ballot, "nonce": cast.nonce, "weight": weight, "replaces": cell.leaf}
    )


def _put(state: BoxState, key: str, kind: str, data: dict[str, Any]) -> str:
    body = entries.body("box", kind, data=data)
    cell = Cell(merkle.leaf_hash(body).hex(), body)
    state.pending[key] = (cell, False)
    state.cells[key] = cell
    return cell.leaf


BOXES: dict[str, Callable[[BoxState, Cast], str]] = {"open": open_box, "confidential": confidential_box}
"""How each mode takes a ballot."""
