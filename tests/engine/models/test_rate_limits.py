"""Requests go at an even pace."""

import time

from curator_engine.models.rate_limits import RateLimits


def seconds_of(limits: RateLimits, *tokens: int) -> float:
    start = time.monotonic()
    for each in tokens:
        limits.wait(each)
    return time.monotonic() - start


def test_without_limits_nothing_waits(monkeypatch):
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    seconds_of(RateLimits(), *[10_000] * 100)
    assert waits == []


def test_requests_have_their_share_of_a_minute():
    assert seconds_of(RateLimits(requests=3000), 1, 1, 1) >= 0.04


def test_tokens_count_as_well():
    assert seconds_of(RateLimits(requests=60_000, tokens=60_000), 30, 30, 1) >= 0.06


def test_a_pause_holds_all_requests_up():
    limits, start = RateLimits(), time.monotonic()
    limits.pause(0.05)
    limits.wait(1)
    assert time.monotonic() - start >= 0.05
