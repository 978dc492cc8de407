"""IRV and Scottish STV beside pyrankvote and votelib; winners are compared before times are."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from bench.ballots import plackett_luce
from deliberate.core import tally
from deliberate.core.tally import Option, Question
from deliberate.core.tally.irv import Rounds
from deliberate.core.tally.profile import Profile
from deliberate.core.tally.reading import Reading
from deliberate.core.tally.scottish import Stages

PEER_LIMIT = 100_000  # ballots that a peer is given; it takes minutes for more


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


def run() -> None:
    print("\nCounting (seconds; peers are given at most 100,000 ballots)")
    print(
        f"{'ballots':>10} {'options':>7} {'seats':>5} {'group':>8} {'count':>8} {'pyrankvote':>11} {'ratio':>7} {'votelib':>9} {'ratio':>7}  winners"
    )
    for ballots in (100_000, 1_000_000):
        for options, ranks, seats in ((8, 8, 1), (8, 8, 5), (20, 10, 1), (20, 10, 5)):
            raw = plackett_luce(ballots, options, ranks)
            group, profile = timed(lambda raw=raw, options=options: Profile.group(raw, options))
            count, mine = timed(lambda p=profile, o=options, s=seats: ours(p, o, s))
            line = f"{ballots:>10,} {options:>7} {seats:>5} {group:>8.3f} {count:>8.3f}"
            if ballots <= PEER_LIMIT:
                for peer in (pyrankvote, votelib):
                    try:
                        took, theirs = timed(lambda peer=peer, r=raw, o=options, s=seats: peer(r, o, s))
                        same = "" if set(mine) == theirs else "!"
                        line += f" {took:>10.2f}{same or ' '} {took / (group + count):>6.0f}x"
                    except Exception as error:
                        line += f" {type(error).__name__:>11} {'':>7}"
            else:
                line += f" {'-':>11} {'':>7} {'-':>9} {'':>7}"
            print(f"{line}  {', '.join(mine)}")
    print("! another winner: the peer counts by other rules (its own quota and transfers)")
