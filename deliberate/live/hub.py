"""The hub: rooms of listeners, one for each topic; a slow listener is dropped, never waited for.

A room sends at most one event a second; what comes in between is joined, and the newest always goes out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

GAP = 1.0  # seconds between two events of one topic
QUEUE = 16  # events that one listener may be behind


@dataclass(frozen=True)
class Event:
    """One event: its id for resuming, its name, and one line of JSON."""

    id: str
    name: str
    data: str

    def encode(self) -> bytes:
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n".encode()


@dataclass(eq=False)
class Listener:
    """One open connection."""

    events: asyncio.Queue[Event | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))

    def offer(self, event: Event | None) -> bool:
        """Queue an event without waiting. False if the listener is too far behind."""
        try:
            self.events.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True


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

    def join(self, topic: str, seen: str = "") -> Listener:
        """A new listener of a topic. It gets at once what is newer than the event id that it has seen."""
        room = self.rooms.setdefault(topic, Room())
        made = Listener()
        for event in room.newest.values():
            if event.id != seen:
                made.offer(event)
        room.listeners.add(made)
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
            for listener in [one for one in room.listeners if not one.offer(event)]:
                self.drop(topic, listener)
        if topic in self.rooms:
            room.timer = asyncio.get_running_loop().call_later(self.gap, self._flush, topic)

    def drop(self, topic: str, listener: Listener) -> None:
        """End a listener that cannot keep up; its browser connects again and resumes."""
        while not listener.events.empty():
            listener.events.get_nowait()
        listener.offer(None)
        self.leave(topic, listener)

    def close(self) -> None:
        """End all listeners."""
        for topic, room in list(self.rooms.items()):
            for listener in list(room.listeners):
                self.drop(topic, listener)
