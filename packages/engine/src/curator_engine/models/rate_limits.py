"""How often an endpoint may be asked: requests and tokens per minute, and pauses that it asks for."""

import threading
import time
from typing import Protocol

_MINUTE = 60.0


class Watch(Protocol):
    """Is told of each attempt at a request."""

    def before(self) -> None:
        """Called before an attempt, which begins when this returns."""
        ...

    def unanswered(self) -> None:
        """An attempt got no whole answer; the server may have worked on it."""
        ...

    def busy(self, seconds: float) -> None:
        """The server is busy; the next attempt comes after so many seconds."""
        ...


class RateLimits:
    """Lets requests go at an even pace; for use by several threads.

    A request waits until the share of a minute is over that those before it have used, so that no minute has more
    than the limit and none begins with a burst.

    Args:
        requests: Per minute; None for any number.
        tokens: Per minute, of questions and answers together; None for any number.

    Example:
        >>> limits = RateLimits(requests=6000)
        >>> limits.wait(tokens=100)
    """

    def __init__(self, *, requests: int | None = None, tokens: int | None = None) -> None:
        self._per_request = _MINUTE / requests if requests else 0.0
        self._per_token = _MINUTE / tokens if tokens else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, tokens: int) -> None:
        """Return when a request of so many tokens may be sent."""
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next)
            self._next = mine + max(self._per_request, self._per_token * tokens)
        if mine > now:
            time.sleep(mine - now)

    def pause(self, seconds: float) -> None:
        """Let no request go for so long: the server said that there are too many."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)
