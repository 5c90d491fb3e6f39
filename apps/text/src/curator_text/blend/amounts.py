"""How many tokens of each source a blend takes, and so how often it is read.

Weights are shares of the tokens. All is computed with fractions: no rounding depends on a machine.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_text.tokenize.runs import KEYS

_BINS = 1 << 20
"""Ranges of keys whose tokens are added up to find where a part of a source ends."""

_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")
"""Without exponents, which would allow numbers of a billion digits."""

type Pieces = Callable[[], Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]]
"""Keys and lengths of documents, piece by piece; may be asked for twice."""


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What a source gives."""

    source: str
    share: Fraction
    """Of the blend, as its weight asks."""
    there: int
    """Tokens that it has for training."""
    asked: int
    """Tokens that its weight asks for."""
    taken: int
    """Tokens that it is to give: fewer where it may not be repeated so often."""

    @property
    def epochs(self) -> float:
        """How often it is read."""
        return float(Fraction(self.taken, self.there)) if self.there else 0.0

    @property
    def asked_epochs(self) -> float:
        """How often it would have to be read for its weight."""
        return float(Fraction(self.asked, self.there)) if self.there else 0.0


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Which documents of a source are drawn: all of them so many times, then those with the lowest keys."""

    full: int = 0
    """Epochs in which all are."""
    last: int = 0
    """In the epoch after those, documents with keys below this; 0 if there is none."""

    @property
    def epochs(self) -> int:
        """Epochs that are begun."""
        return self.full + (self.last > 0)

    def drawn(self, keys: NDArray[np.int64], epoch: int) -> NDArray[np.bool_]:
        """Which documents an epoch has, by their keys in it."""
        if epoch < self.full:
            return np.ones(len(keys), np.bool_)
        return keys < (self.last if epoch == self.full else 0)

    def places(self, keys: NDArray[np.int64], epoch: int) -> NDArray[np.int64]:
        """Keys in the blend: epoch after epoch, each spread over as much of it as it is of the source.

        So every stretch of the blend has each source with its weight, and a document comes again only when
        all others of its source have come.
        """
        bits = 53
        span = self.full + self.last / KEYS
        inner = (keys >> np.int64(63 - bits)).astype(np.float64) / float(1 << bits)
        places = np.floor((epoch + inner) / span * float(1 << bits)).astype(np.int64)
        # Rounding may lead to the very end, which belongs to no range.
        return np.minimum(places, (1 << bits) - 1) << np.int64(63 - bits)


def parse_weights(given: Sequence[str]) -> dict[str, Fraction]:
    """The weights of --weights: NAME=NUMBER, or several with commas between them.

    Raises:
        SettingsError: One is no number, negative, or given twice, or all are 0.

    Example:
        >>> parse_weights(["web=0.7,books=0.3"])
        {'web': Fraction(7, 10), 'books': Fraction(3, 10)}
    """
    found: dict[str, Fraction] = {}
    for word in (word.strip() for each in given for word in each.split(",")):
        name, _, number = word.rpartition("=")
        if not name:
            raise SettingsError(f"--weights {word}: write it as NAME=NUMBER, such as web=0.7.")
        if name in found:
            raise SettingsError(f"--weights names {name} twice; give it one weight.")
        found[name] = parse_fraction(number, "--weights", word)
    if found and not sum(found.values()):
        raise SettingsError("--weights are all 0; give one source at least a weight above it.")
    return found


def parse_fraction(number: str, option: str, word: str) -> Fraction:
    """A number that is not negative.

    Raises:
        SettingsError: It is another one, or none.
    """
    if not _NUMBER.fullmatch(number.strip()):
        raise SettingsError(f"{option} {word}: {number!r} is no number; write it as 0.7 or 7.")
    found = Fraction(number.strip())
    if found < 0:
        raise SettingsError(f"{option} {word}: {number} is negative.")
    return found


_SUFFIXES = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "g": 10**9, "t": 10**12}


def parse_count(count: str | int, option: str) -> int:
    """A number of tokens, as 5000, 300M or 1.5B.

    Raises:
        SettingsError: It is none, or below 1.
    """
    text = str(count).strip().lower().replace("_", "")
    number, suffix = (text[:-1], text[-1:]) if text[-1:].isalpha() else (text, "")
    if suffix not in _SUFFIXES:
        raise SettingsError(f"{option} {count} is no number of tokens; write it as 300M or 1.5B.")
    found = int(parse_fraction(number, option, str(count)) * _SUFFIXES[suffix])
    if found < 1:
        raise SettingsError(f"{option} {count} is below 1.")
    return found


def plan_amounts(
    there: Mapping[str, int],
    weights: Mapping[str, Fraction],
    *,
    tokens: int | None,
    max_epochs: Fraction | None,
) -> list[Amount]:
    """How many tokens each source gives.

    Args:
        there: Tokens of each source.
        weights: Of the sources; their tokens, if there are none, so that each is read equally often.
        tokens: Of the whole blend; None for as many as the source that is used up first allows.
        max_epochs: How often a source is read, at most; None for once without `tokens`, else for any number.

    Raises:
        InputError: A source with a weight has no tokens.
    """
    given = weights or {name: Fraction(size) for name, size in there.items()}
    total = sum(given.values())
    if not total:
        raise InputError("no source has a token for training; give other sources.")
    shares = {name: given.get(name, Fraction(0)) / total for name in there}
    for name, share in shares.items():
        if share and not there[name]:
            raise InputError(f"{name} has a weight, and no tokens for training; leave it out.")
    if tokens is None:
        limit = Fraction(1) if max_epochs is None else max_epochs
        whole = min(there[name] * limit / share for name, share in shares.items() if share)
    else:
        whole = Fraction(tokens)
    found: list[Amount] = []
    for name, share in shares.items():
        asked = int(whole * share)
        most = asked if max_epochs is None else int(there[name] * max_epochs)
        amount: dict[str, Any] = {"asked": asked, "taken": min(asked, most)}
        found.append(Amount(source=name, share=share, there=there[name], **amount))
    return found


def draw_of(amount: Amount, pieces: Callable[[int], Pieces]) -> Draw:
    """Which documents give an amount: the last one may be more than its rest.

    Args:
        amount: Of one source.
        pieces: Keys in an epoch and lengths of its documents.
    """
    if not amount.taken:
        return Draw()
    full, rest = divmod(amount.taken, amount.there)
    if not rest:
        return Draw(full=full)
    last = key_after(pieces(full), rest)
    return Draw(full=full + 1) if last >= KEYS else Draw(full=full, last=last)


def key_after(pieces: Pieces, tokens: int) -> int:
    """The key below which documents have so many tokens, or hardly more; memory does not grow with them."""
    shift = np.int64(63 - 20)
    sums = np.zeros(_BINS, np.int64)
    for keys, lengths in pieces():
        # Sums stay below 2^53, up to which floats are exact.
        sums += np.bincount(keys >> shift, lengths, _BINS).astype(np.int64)
    ends = np.cumsum(sums)
    at = int(np.searchsorted(ends, tokens))
    if at == _BINS:
        return KEYS
    before = int(ends[at - 1]) if at else 0
    inside = [
        (keys[m], lengths[m]) for keys, lengths in pieces() if (m := keys >> shift == at).any()
    ]
    keys = np.concatenate([each for each, _ in inside])
    lengths = np.concatenate([each for _, each in inside])
    order = np.argsort(keys, kind="stable")
    place = int(np.searchsorted(before + np.cumsum(lengths[order]), tokens))
    return int(keys[order][place]) + 1
