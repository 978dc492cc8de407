"""IRV and Scottish STV beside pyrankvote and votelib; winners are compared before times are."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from bench.ballots import plackett_luce
from bench.probe import probed
from deliberate.core import tally
from deliberate.core.tally import Option, Question
from deliberate.core.tally.irv import Rounds
from deliberate.core.tally.profile import Profile
from deliberate.core.tally.reading import Reading
from deliberate.core.tally.scottish import Stages

PATIENCE = float(os.environ.get("BENCH_PATIENCE", "180"))  # seconds that a peer is given for one count
PEERS = ("pyrankvote", "votelib")


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = run()
    return time.perf_counter() - start, found


def question(options: int, seats: int) -> Question:
    return Question("Bench", tuple(Option(f"o{n}", f"N{n}") for n in range(1, options + 1)), seats)


def ours(profile: Profile, options: int, seats: int) -> tuple[str, ...]:
    asked = question(options, seats)
    if seats > 1:
        stages = Stages(asked, profile, tally.rules("scottish-stv", ties=["backwards", "declared"]), [])
        stages.run()
        return tuple(stages.winners)
    read = Reading(profile, 0, 0, profile.total, profile.total, {})
    rounds = Rounds(asked, read, tally.rules("irv", ties=["backwards", "declared"]), [])
    rounds.run()
    return tuple(rounds.winners)


def pyrankvote(raw: Any, options: int, seats: int) -> set[str]:
    import pyrankvote as peer

    people = [peer.Candidate(f"N{n}") for n in range(1, options + 1)]
    ballots = [peer.Ballot([people[n - 1] for n in row if n]) for row in raw.tolist()]
    made = (
        peer.instant_runoff_voting(people, ballots)
        if seats == 1
        else peer.single_transferable_vote(people, ballots, number_of_seats=seats)
    )
    return {str(winner) for winner in made.get_winners()}


def votelib(raw: Any, options: int, seats: int) -> set[str]:
    from votelib.evaluate.sequential import TransferableVoteSelector

    votes = Counter(tuple(f"N{n}" for n in row if n) for row in raw.tolist())
    return set(TransferableVoteSelector().evaluate(dict(votes), n_seats=seats))


def _answer(name: str, raw: Any, options: int, seats: int, pipe: Any) -> None:
    try:
        pipe.send(timed(lambda: {"pyrankvote": pyrankvote, "votelib": votelib}[name](raw, options, seats)))
    except Exception as error:
        pipe.send((0.0, type(error).__name__))


def bounded(name: str, raw: Any, options: int, seats: int) -> tuple[float, set[str] | str]:
    """A peer's count in a process of its own: (seconds, winners), or what hindered it. It is ended after PATIENCE."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(name, raw, options, seats, theirs))
    process.start()
    theirs.close()
    try:
        if ours.poll(PATIENCE):
            found: tuple[float, set[str] | str] = ours.recv()
            return found
        return PATIENCE, "too long"
    except EOFError:
        return 0.0, "ended"  # killed, for want of memory
    finally:
        process.kill()
        process.join()


def beside(name: str, mine: tuple[str, ...], took: float, case: tuple[Any, int, int]) -> str:
    """Seconds of a peer and how many times as long as ours."""
    theirs, found = bounded(name, *case)
    if found == "too long":
        return f" {f'> {theirs:.0f}':>11} {f'> {theirs / took:.0f}x':>8}"
    if isinstance(found, str):
        return f" {found:>11} {'':>8}"
    return f" {theirs:>10.2f}{'' if set(mine) == found else '!':1} {f'{theirs / took:.0f}x':>8}"


def run() -> None:
    print(f"\nCounting (seconds; a peer is ended after {PATIENCE:.0f} s)")
    print(
        f"{'ballots':>10} {'options':>7} {'seats':>5} {'group':>8} {'count':>8} {'pyrankvote':>11} {'ratio':>8} {'votelib':>11} {'ratio':>8}"
        f" {'fdatasync':>10}  winners"
    )
    for ballots in (100_000, 1_000_000):
        for options, ranks, seats in ((8, 8, 1), (8, 8, 5), (20, 10, 1), (20, 10, 5)):
            raw = plackett_luce(ballots, options, ranks)
            group, profile = timed(lambda raw=raw, options=options: Profile.group(raw, options))
            count, mine = timed(lambda p=profile, o=options, s=seats: ours(p, o, s))
            line = f"{ballots:>10,} {options:>7} {seats:>5} {group:>8.3f} {count:>8.3f}"
            line += "".join(beside(peer, mine, group + count, (raw, options, seats)) for peer in PEERS)
            print(f"{line} {probed() * 1000:>7.2f} ms  {', '.join(mine)}", flush=True)
    print("! another winner: the peer counts by other rules (its own quota and transfers)")
