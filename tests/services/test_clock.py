"""The clock: jobs keep out of each other's way, and stop when told."""

from __future__ import annotations

import threading
import time

from deliberate.services.clock import Clock


def test_a_job_that_hangs_or_fails_holds_up_no_other():
    """A mail server that does not answer must not delay the close of a poll; nor the end of the server."""
    hang, ran = threading.Event(), []

    def mail(_):
        hang.wait(20)

    def broken(_):
        raise ValueError("no")

    clock = Clock(None, {mail: 0.01, broken: 0.01, lambda _: ran.append(True): 0.01})
    clock.start()
    for _ in range(200):
        if len(ran) >= 3:
            break
        time.sleep(0.02)
    began = time.monotonic()
    clock.stop(patience=0.1)
    took = time.monotonic() - began
    hang.set()
    assert len(ran) >= 3
    assert took < 5
