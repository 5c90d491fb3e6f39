"""A pair of texts that is compared, as a row of `errors.parquet`, and what rows add up to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from curator_audio.transcripts.error_rate import ErrorRate, character_errors, word_errors
from curator_audio.transcripts.normalize import normalize

_FIRST = (
    pa.field("source", pa.string()),
    pa.field("row", pa.int64()),
    pa.field("id", pa.string()),
)
_LAST = (
    pa.field("reference", pa.string()),
    pa.field("hypothesis", pa.string()),
    pa.field("problem", pa.string()),
    pa.field("words", pa.int32()),
    pa.field("substitutions", pa.int32()),
    pa.field("deletions", pa.int32()),
    pa.field("insertions", pa.int32()),
    pa.field("wer", pa.float64()),
    pa.field("characters", pa.int32()),
    pa.field("character_errors", pa.int32()),
    pa.field("cer", pa.float64()),
    pa.field("agreement", pa.float64()),
)
RESERVED = frozenset(field.name for field in (*_FIRST[1:], *_LAST))
"""Columns of the table, which no field of the input can be."""
NO_REFERENCE, NO_HYPOTHESIS = "no reference", "no hypothesis"
"""Why a row was not compared."""


def schema_of(by: Sequence[str]) -> pa.Schema:
    """Of `errors.parquet`: a row per pair of texts, with the fields by which rates are told."""
    own = [pa.field(name, pa.string()) for name in by if name != "source"]
    return pa.schema([*_FIRST, *own, *_LAST])


def compared(
    reference: str | None, hypothesis: str | None, *, language: str, normalized: bool
) -> dict[str, Any]:
    """The columns of a pair of texts; without one of them, a problem instead of rates.

    Args:
        reference: What was said, or what another recogniser wrote.
        hypothesis: What a recogniser wrote; nothing at all is an empty text.
        language: Of the normaliser.
        normalized: Whether texts are normalised first; see `normalize.py`.

    Example:
        >>> compared("to be, or not", "To be a knot", language="en", normalized=True)["wer"]
        0.5
    """
    texts = {"reference": reference, "hypothesis": hypothesis}
    if reference is None or hypothesis is None:
        return texts | {"problem": NO_REFERENCE if reference is None else NO_HYPOTHESIS}
    pair = (reference, hypothesis)
    said, heard = (normalize(t, language=language) if normalized else t for t in pair)
    words, characters = word_errors(said, heard), character_errors(said, heard)
    longer = max(words.tokens, words.tokens - words.deletions + words.insertions)
    return texts | {
        "words": words.tokens,
        "substitutions": words.substitutions,
        "deletions": words.deletions,
        "insertions": words.insertions,
        "wer": words.rate,
        "characters": characters.tokens,
        "character_errors": characters.errors,
        "cer": characters.rate,
        "agreement": 1 - words.errors / longer if longer else 1.0,
    }


@dataclass(kw_only=True)
class Totals:
    """What the rows of a table add up to."""

    items: int = 0
    """Pairs that were compared."""
    words: ErrorRate = field(default_factory=ErrorRate)
    characters: int = 0
    character_errors: int = 0
    longer: int = 0
    """Words of the longer text of each pair."""
    agreeing: int = 0
    """Pairs without an error."""

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a compared row."""
        self.items += 1
        self.words += ErrorRate(
            tokens=row["words"],
            substitutions=row["substitutions"],
            deletions=row["deletions"],
            insertions=row["insertions"],
        )
        self.longer += max(row["words"], row["words"] - row["deletions"] + row["insertions"])
        self.characters += row["characters"]
        self.character_errors += row["character_errors"]
        self.agreeing += row["agreement"] == 1.0

    def facts(self) -> dict[str, Any]:
        """Counts and rates; a rate without a reference is null."""
        return {
            "items": self.items,
            "words": self.words.tokens,
            "substitutions": self.words.substitutions,
            "deletions": self.words.deletions,
            "insertions": self.words.insertions,
            "wer": self.words.rate,
            "characters": self.characters,
            "cer": self.character_errors / self.characters if self.characters else None,
            "agreement": 1 - self.words.errors / self.longer if self.longer else None,
            "without_errors": self.agreeing,
        }


class _Place(NamedTuple):
    field: str
    value: str


class GroupTotals:
    """Totals by the values of some fields."""

    def __init__(self, by: Sequence[str]) -> None:
        """None so far.

        Args:
            by: Columns of the rows.
        """
        self._by = by
        self._found: dict[_Place, Totals] = {}

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take compared rows."""
        for row in rows:
            for name in self._by:
                if (value := row[name]) is not None:
                    self._found.setdefault(_Place(name, value), Totals()).add(row)

    def table(self) -> pa.Table:
        """A row per value, of GROUPS; those with the most errors first, field by field."""
        order = {name: at for at, name in enumerate(self._by)}
        ranked = sorted(
            self._found.items(),
            key=lambda each: (order[each[0].field], -each[1].words.errors, each[0].value),
        )
        rows = [{**place._asdict(), **totals.facts()} for place, totals in ranked]
        return pa.Table.from_pylist(rows, schema=GROUPS)


_COUNTS = ("items", "words", "substitutions", "deletions", "insertions")
GROUPS = pa.schema(
    [
        pa.field("field", pa.string()),
        pa.field("value", pa.string()),
        *(pa.field(name, pa.int64()) for name in _COUNTS),
        pa.field("wer", pa.float64()),
        pa.field("characters", pa.int64()),
        pa.field("cer", pa.float64()),
        pa.field("agreement", pa.float64()),
        pa.field("without_errors", pa.int64()),
    ]
)
"""Of `groups.parquet`: rates by the values of fields, such as those of each speaker."""
