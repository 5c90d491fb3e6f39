"""Find private data in texts: one look through many documents for what may be some, then checks.

RE2 has no look-around and takes time in proportion to the text, whatever it holds. What stands before and after a candidate is
looked at here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from curator_engine.errors import SettingsError
from curator_text.pii import keys, numbers
from curator_text.pii.names import NAME_KINDS, NameFinder

KINDS = ("email", "ip", "phone", "card", "iban", "key")
"""What is found by patterns."""
MASKS = {kind: kind.upper() for kind in (*KINDS, *NAME_KINDS)} | {"ip": "IP_ADDRESS"}
_PRIORITY = ("key", "email", "iban", "card", "ip", "phone", *NAME_KINDS)
"""Of what overlaps, the first counts."""
_LOCAL = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._%+'\-]{0,63}$")
_DOMAIN = re.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9\-])"
)
_LETTER = re.compile(rb"[A-Za-z0-9_]")
_OF_NUMBERS = b"0123456789.()+/-"
_NUMBER_START = re.compile(rb"[0-9.()+/\-]+")
_NEWLINE = ord("\n")
_MOST_LOCAL, _MOST_DOMAIN = 64, 255
_AROUND = 24
"""Bytes beside digits that are looked at with them: letters, or digits of which these are only a part."""


class Found(NamedTuple):
    """A place in a document that holds private data."""

    start: int
    """In bytes of UTF-8."""
    end: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class Finder:
    """Finds some kinds of private data.

    Example:
        >>> [
        ...     each.kind
        ...     for each in Finder().find("Write to jo@example.org or call +1 212 736 5000.")
        ... ]
        ['email', 'phone']
    """

    kinds: tuple[str, ...] = KINDS
    regions: tuple[str, ...] = ("US",)
    """Countries whose phone numbers are known without their prefix."""
    names: NameFinder | None = None
    """What finds names, where `kinds` has some of `NAME_KINDS`."""

    def __post_init__(self) -> None:
        for kind in self.kinds:
            if kind in NAME_KINDS and self.names is None:
                raise SettingsError(f"names ({kind}) are found by a model; name one with --names.")
            if kind not in (*KINDS, *NAME_KINDS):
                raise SettingsError(
                    f"no kind {kind!r} of private data; there are {', '.join((*KINDS, *NAME_KINDS))}."
                )

    def find(self, text: str) -> list[Found]:
        """What patterns find in one text, in order; places that do not overlap."""
        return _apart(self._all(text.encode("utf-8", "surrogatepass")))

    def find_all(self, texts: Sequence[bytes]) -> dict[int, list[Found]]:
        """What is in texts of UTF-8, by their number; those that hold nothing are left out."""
        joined = b"\n".join(texts)
        starts, at = [], 0
        for text in texts:
            starts.append(at)
            at += len(text) + 1
        found: dict[int, list[Found]] = {}
        again: set[int] = set()
        number = 0
        for each in sorted(self._all(joined)):
            while number + 1 < len(starts) and starts[number + 1] <= each.start:
                number += 1
            start = starts[number]
            if each.end > start + len(texts[number]):
                # It begins in one document and ends in another, so it is none, and may hide some.
                again |= {i for i in range(number, len(starts)) if starts[i] < each.end}
            else:
                mine = Found(each.start - start, each.end - start, each.kind)
                found.setdefault(number, []).append(mine)
        for i in again:
            found[i] = self._all(texts[i])
        if self.names is not None:
            for i, some in self.names.find_all(texts).items():
                mine = [Found(*each) for each in some if each[2] in self.kinds]
                found.setdefault(i, []).extend(mine)
        return {i: apart for i, some in sorted(found.items()) if (apart := _apart(some))}

    def _all(self, data: bytes) -> list[Found]:
        found = list(self._emails(data)) if "email" in self.kinds else []
        for look in self._looks:
            found += look(data)
        return found

    @property
    def _looks(self) -> list[Callable[[bytes], Iterator[Found]]]:
        """What is done for the kinds, a pass through the text each."""
        looks: dict[str, Callable[[bytes], Iterator[Found]]] = {
            "key": self._keys,
            "iban": self._ibans,
            "ip": self._ipv6,
        }
        wanted = [look for kind, look in looks.items() if kind in self.kinds]
        return [*wanted, self._numbers] if {"ip", "card", "phone"} & {*self.kinds} else wanted

    def _emails(self, data: bytes) -> Iterator[Found]:
        at = data.find(b"@")
        while at >= 0:
            local = _LOCAL.search(data[max(0, at - _MOST_LOCAL) : at])
            domain = _DOMAIN.match(data[at + 1 : at + 1 + _MOST_DOMAIN])
            if local and domain:
                yield Found(at - len(local[0]), at + 1 + domain.end(), "email")
            at = data.find(b"@", at + 1)

    def _keys(self, data: bytes) -> Iterator[Found]:
        for start, end in _matches(keys.BLOCK + b"|" + keys.TOKEN, data):
            raw, before = data[start:end], data[max(0, start - 1) : start]
            if raw.startswith(b"-----BEGIN") or keys.is_token(raw, before):
                yield Found(start, end, "key")

    def _ibans(self, data: bytes) -> Iterator[Found]:
        pattern, at = _compiled(numbers.IBAN), 0
        while (match := pattern.search(data, at)) is not None:
            start, end = match.span()
            inside = _LETTER.match(data[max(0, start - 1) : start])
            length = 0 if inside else numbers.iban_length(data[start:end].decode())
            if length:
                yield Found(start, start + length, "iban")
            # What follows may be one though this is none, or ends before the match does.
            at = start + (length or 2)

    def _ipv6(self, data: bytes) -> Iterator[Found]:
        for start, end in _matches(numbers.IPV6, data):
            text = data[start:end].decode().rstrip(".:")
            if not _LETTER.match(data[max(0, start - 1) : start]) and numbers.is_ipv6(text):
                yield Found(start, start + len(text), "ip")

    def _numbers(self, data: bytes) -> Iterator[Found]:
        for start, end in _matches(numbers.CANDIDATE, data):
            low, high = _around(data, start, end)
            around = data[low:high].decode("latin-1")
            for kind, look in self._number_looks.items():
                yield from (Found(low + a, low + b, kind) for a, b in look(around))

    @property
    def _number_looks(self) -> dict[str, Callable[[str], Iterator[tuple[int, int]]]]:
        looks: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {
            "card": numbers.cards_in,
            "ip": numbers.ipv4_in,
            "phone": lambda text: numbers.phones_in(text, self.regions),
        }
        return {kind: look for kind, look in looks.items() if kind in self.kinds}


def _around(data: bytes, start: int, end: int) -> tuple[int, int]:
    """What stands beside a candidate on its line, without the part of a number that would be cut."""
    low = max(data.rfind(b"\n", max(0, start - _AROUND), start) + 1, start - _AROUND, 0)
    line_end = data.find(b"\n", end, end + _AROUND)
    high = min(len(data) if line_end < 0 else line_end, end + _AROUND)
    if low and data[low - 1] != _NEWLINE and (cut := _NUMBER_START.match(data, low, high)):
        low = cut.end()
    if high < len(data) and data[high] != _NEWLINE:
        while high > low and data[high - 1] in _OF_NUMBERS:
            high -= 1
    return low, high


@cache
def _compiled(pattern: bytes) -> Any:
    import re2

    return re2.compile(pattern)


def _matches(pattern: bytes, data: bytes) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _compiled(pattern).finditer(data))


def _apart(found: list[Found]) -> list[Found]:
    """Places that do not overlap, in order: of those that do, by the kind and then the longer."""
    kept: list[Found] = []
    for each in sorted(set(found), key=lambda e: (_PRIORITY.index(e.kind), e.start - e.end)):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept)
