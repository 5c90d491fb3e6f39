"""What hosts allow programs to fetch: robots.txt (RFC 9309), looked at once per host."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from curator_engine.files.fetch_many import Fetcher

DISALLOWED = "robots.txt does not allow it"
UNREACHABLE = "robots.txt cannot be had"
"""Then nothing may be fetched, as the standard says; why it cannot follows in brackets."""
_MOST_GAP_SECONDS = 60.0
"""A host that asks for more between requests is asked each minute."""


@dataclass(kw_only=True)
class Robots:
    """What hosts allow; also how much time they ask for between requests, of which the fetcher is told.

    Example:
        >>> robots = Robots(fetcher=fetcher)
        >>> robots.learn(["https://example.org/a"])
        >>> robots.refusal("https://example.org/a")
        ''
    """

    fetcher: Fetcher
    _known: dict[str, RobotFileParser | str] = field(
        default_factory=dict[str, RobotFileParser | str], init=False, repr=False
    )
    """By host: what it allows, or why that is not known."""

    def learn(self, urls: Iterable[str]) -> None:
        """Fetch robots.txt of the hosts that are not known yet."""
        new = [
            each for each in dict.fromkeys(map(_origin, urls)) if each and each not in self._known
        ]
        places = [f"{each}/robots.txt" for each in new]
        for place, found in self.fetcher.fetch_all(places):
            # One that is not there allows all; so does one that is empty.
            is_absent = 400 <= found.status < 500 or found.reason == "empty"
            if found.reason and not is_absent:
                self._known[new[place]] = f"{UNREACHABLE} ({found.reason})"
            else:
                text = "" if found.reason else found.data.decode("utf-8", "replace")
                self._known[new[place]] = self._read(new[place], text)

    def refusal(self, url: str) -> str:
        """Why a URL may not be fetched; empty if it may, or if its host is not known."""
        origin = _origin(url)
        known = self._known.get(origin, "")
        if isinstance(known, str):
            return known
        return "" if known.can_fetch(self.fetcher.rules.user_agent, url) else DISALLOWED

    def _read(self, origin: str, text: str) -> RobotFileParser:
        parser = RobotFileParser()
        parser.parse(text.splitlines())
        gap = parser.crawl_delay(self.fetcher.rules.user_agent)
        if gap:
            host = urlsplit(origin).hostname or ""
            self.fetcher.gaps[host] = min(float(gap), _MOST_GAP_SECONDS)
        return parser


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""
