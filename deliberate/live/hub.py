"""The hub: rooms of listeners, one for each topic. Nobody is waited for: a slow listener gets the newest when it is ready.

A room sends at most one event a second; what comes in between is joined, and the newest of each name always goes out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

GAP = 1.0  # seconds between two events of one topic


@dataclass(frozen=True)
class Event:
    """One event: its id for resuming, its name, and one line of JSON.

    An id is ``ENTRY-HASH``: how many entries the poll's ledger had, and the start of the hash of what is said.
    """

    id: str
    name: str
    data: str

    @property
    def entry(self) -> int:
        return entry_of(self.id)

    def encode(self) -> bytes:
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n".encode()

    def is_news_to(self, seen: str) -> bool:
        """Whether somebody whose last event was ``seen`` lacks this one: never the same twice, never an older one."""
        return self.id.partition("-")[2] != seen.partition("-")[2] and self.entry >= entry_of(seen)


def entry_of(event_id: str) -> int:
    """The number of entries that an event id names; -1 for anything that is not one of ours."""
    number = event_id.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 16 else -1


@dataclass(eq=False)
class Listener:
    """One open connection: the newest event of each name that it has not got yet, and the last that it has."""

    seen: str = ""
    waiting: dict[str, Event] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def offer(self, event: Event) -> None:
        """Put an event in line, in the place of an older one of its name."""
        if event.is_news_to(self.seen):
            self.waiting[event.name] = event
            self.wake.set()

    def take(self) -> list[Event]:
        """What waits, now taken as sent."""
        found, self.waiting = list(self.waiting.values()), {}
        self.wake.clear()
        if found:
            self.seen = found[-1].id
        return found

    def end(self) -> None:
        """Nothing more will come."""
        self.ended = True
        self.wake.set()


@dataclass
class Room:
    """Listeners of one topic, with the newest events that were sent and those that wait for the next second."""

    listeners: set[Listener] = field(default_factory=set)
    newest: dict[str, Event] = field(default_factory=dict)
    waiting: dict[str, Event] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None


class Hub:
    """All rooms of this process. Used from one event loop."""

    def __init__(self, gap: float = GAP) -> None:
        self.rooms: dict[str, Room] = {}
        self.gap = gap
        self.closed = False

    @property
    def size(self) -> int:
        """How many listen, in all rooms."""
        return sum(len(room.listeners) for room in self.rooms.values())

    def join(self, topic: str, seen: str = "") -> Listener:
        """A new listener of a topic. It gets at once what is newer than the event id that it has seen."""
        room = self.rooms.setdefault(topic, Room())
        made = Listener(seen)
        for event in room.newest.values():
            made.offer(event)
        room.listeners.add(made)
        if self.closed:
            made.end()
        return made

    def leave(self, topic: str, listener: Listener) -> None:
        """Take a listener out; an empty room is closed."""
        room = self.rooms.get(topic)
        if room is None:
            return
        room.listeners.discard(listener)
        if not room.listeners:
            if room.timer:
                room.timer.cancel()
            del self.rooms[topic]

    def publish(self, topic: str, event: Event) -> None:
        """Send an event to a room, now or when its second is over; the newest of each name wins."""
        room = self.rooms.get(topic)
        if room is None:
            return
        room.waiting[event.name] = event
        if room.timer is None:
            self._flush(topic)

    def _flush(self, topic: str) -> None:
        room = self.rooms.get(topic)
        if room is None:
            return
        room.timer = None
        if not room.waiting:
            return
        events, room.waiting = list(room.waiting.values()), {}
        for event in events:
            room.newest[event.name] = event
            for listener in room.listeners:
                listener.offer(event)
        room.timer = asyncio.get_running_loop().call_later(self.gap, self._flush, topic)

    def close(self) -> None:
        """End all listeners, and whoever still comes."""
        self.closed = True
        for room in self.rooms.values():
            for listener in room.listeners:
                listener.end()
