"""Fetch many files at a time: several hosts at once, each no more often than the rules say."""

import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace

from curator_engine.files.fetch import Fetched, FetchRules, Watch, fetch
from curator_engine.files.web_address import AddressError, WebAddress

type Get = Callable[[int, str, Watch], Fetched]
"""Fetches the address of a place in a list."""

_LOOK_SECONDS = 0.5
"""Between looks for connections whose time is over."""


@dataclass(order=True)
class _Host:
    """A host that files are to be fetched from."""

    ready: float
    """When it may be asked next, by `time.monotonic`."""
    number: int
    name: str = field(compare=False)


@dataclass(kw_only=True)
class Fetcher:
    """Fetches files; how often each host was asked is remembered from one call to the next.

    Example:
        for place, fetched in Fetcher(rules=FetchRules()).fetch_all(urls):
            ...
    """

    rules: FetchRules
    threads: int = 16
    """Files that are fetched at once, at most."""
    gaps: dict[str, float] = field(default_factory=dict[str, float])
    """Seconds between requests to hosts that ask for more time than the rules leave."""
    _ready: dict[str, float] = field(default_factory=dict[str, float], init=False)

    def fetch_all(
        self, urls: Sequence[str], get: Get | None = None
    ) -> Generator[tuple[int, Fetched]]:
        """Each address's place in the sequence and what became of it, in the order in which they come.

        Args:
            urls: The addresses.
            get: Fetches one, given its place, instead of `fetch`; called by several threads.
        """
        turn = _Turn(self, urls, self._ready, get or self._fetch)
        count = min(self.threads, len(urls))
        workers = [threading.Thread(target=turn.work, daemon=True) for _ in range(count)]
        for worker in workers:
            worker.start()
        try:
            left = len(urls)
            while left:
                try:
                    yield turn.done.get(timeout=_LOOK_SECONDS)
                    left -= 1
                except queue.Empty:
                    pass
                turn.end_those_over()
                if turn.has_failed:
                    raise RuntimeError("a thread that fetches files has ended")
        finally:
            turn.stop()

    def _fetch(self, place: int, url: str, watch: Watch) -> Fetched:
        return fetch(url, self.rules, watch)


class _Turn:
    """The addresses of one call, by host."""

    def __init__(
        self, fetcher: Fetcher, urls: Sequence[str], ready: dict[str, float], get: Get
    ) -> None:
        self._rules, self._gaps, self._ready, self._get = fetcher.rules, fetcher.gaps, ready, get
        self._left = len(urls)
        self._waiting: dict[str, deque[tuple[int, str, int]]] = {}
        self._numbers = itertools.count()
        self._hosts: list[_Host] = []
        self._change = threading.Condition()
        self._watch_of: dict[int, Watch] = {}
        self._is_stopped = False
        self.has_failed = False
        # A consumer that writes slowly must not let files pile up in memory.
        self.done: queue.Queue[tuple[int, Fetched]] = queue.Queue(maxsize=32)
        for place, url in enumerate(urls):
            self._put(_host_of(url), (place, url, 1), 0.0)

    def work(self) -> None:
        """Fetch one file after the other until none is left."""
        is_whole = False
        try:
            self._work()
            is_whole = True
        finally:
            # Without a word, who waits for its files would wait for ever.
            self.has_failed = self.has_failed or not is_whole

    def _work(self) -> None:
        watch = self._watch_of[threading.get_ident()] = Watch()
        while (taken := self._take()) is not None:
            host, (place, url, tries) = taken
            found = replace(self._get(place, url, watch), tries=tries)
            if found.may_come and tries <= self._rules.retries:
                wait = self._rules.backoff_s * 2 ** (tries - 1)
                self._put(host, (place, url, tries + 1), max(wait, found.wait_s))
            else:
                self._tell(place, found)

    def end_those_over(self) -> None:
        """End connections whose time is over."""
        for watch in list(self._watch_of.values()):
            watch.end_if_over()

    def stop(self) -> None:
        """Let the threads end."""
        with self._change:
            self._is_stopped = True
            self._change.notify_all()
        for watch in list(self._watch_of.values()):
            watch.until = 0.0
            watch.end_if_over()

    def _tell(self, place: int, found: Fetched) -> None:
        while not self._is_stopped:
            try:
                self.done.put((place, found), timeout=_LOOK_SECONDS)
                break
            except queue.Full:
                continue
        with self._change:
            self._left -= 1
            self._change.notify_all()

    def _put(self, host: str, item: tuple[int, str, int], wait: float) -> None:
        """Have an address fetched; its host is left alone for so many seconds."""
        with self._change:
            if wait:
                self._ready[host] = max(self._ready.get(host, 0.0), time.monotonic() + wait)
            if host not in self._waiting:
                self._waiting[host] = deque()
                ready = self._ready.get(host, 0.0)
                heapq.heappush(self._hosts, _Host(ready, next(self._numbers), host))
            self._waiting[host].append(item)
            self._change.notify()

    def _take(self) -> tuple[str, tuple[int, str, int]] | None:
        """The next address whose host may be asked, when it may; None when all are done."""
        with self._change:
            while self._left and not self._is_stopped:
                now = time.monotonic()
                if not self._hosts:
                    self._change.wait()
                    continue
                host = self._hosts[0]
                ready = max(host.ready, self._ready.get(host.name, 0.0))
                if ready > host.ready:
                    # It asked for time since.
                    heapq.heapreplace(self._hosts, replace(host, ready=ready))
                    continue
                if ready > now:
                    self._change.wait(ready - now)
                    continue
                heapq.heappop(self._hosts)
                item = self._waiting[host.name].popleft()
                # Without a host nothing is asked.
                gap = max(1 / self._rules.per_host, self._gaps.get(host.name, 0.0))
                self._ready[host.name] = now + (gap if host.name else 0)
                if self._waiting[host.name]:
                    heapq.heappush(self._hosts, replace(host, ready=self._ready[host.name]))
                else:
                    del self._waiting[host.name]
                return host.name, item
            return None


def _host_of(url: str) -> str:
    try:
        return WebAddress.parse(url).host
    except AddressError:
        return ""
