"""Cut what is of evaluation items out of documents, and write what was cut to `cuts/`; a document with too little left goes."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.decontaminate.decide_matches import DecideMatches, Decision
from curator_text.decontaminate.match_documents import hits_of
from curator_text.decontaminate.match_tables import (
    MATCHES_SCHEMA,
    REMOVED_SCHEMA,
    Matches,
    Numbers,
    Rule,
    match_rows,
    removed_rows,
)
from curator_text.removal.block_texts import BlockTexts
from curator_text.removal.document_tables import PLACE, read_documents
from curator_text.removal.rewrite_documents import save_changes

CHANGES = "changes"
"""Folder of the cache with the new texts, a file per block."""
CHANGES_SCHEMA = pa.schema(
    [
        *REMOVED_SCHEMA,
        pa.field("cuts", pa.int64()),
        pa.field("chars_before", pa.int64()),
        pa.field("chars_after", pa.int64()),
    ]
)
CUTS_SCHEMA = pa.schema(
    {**PLACE, "start": pa.int64(), "characters": pa.int64(), "text": pa.string()}
)
SEAM = "\n"
"""What stands where something was cut, unless it is the beginning or the end."""
type Cut = tuple[int, int]
"""First character, and the one behind the last."""


@dataclass(kw_only=True)
class CutMatches(DecideMatches):
    """Decide about the documents of one source task, whose n-grams are known, and cut their passages out."""

    text_field: str
    max_row: int
    around: int
    """Characters on both sides of a passage that go with it."""
    min_chars_left: int
    """A document with fewer left goes."""
    tables: ClassVar[dict[str, pa.Schema]] = {
        "matches": MATCHES_SCHEMA,
        "removed": REMOVED_SCHEMA,
        "changes": CHANGES_SCHEMA,
        "cuts": CUTS_SCHEMA,
    }

    def decide(
        self, task: FileGroupTask, matched: Mapping[int, Matches], rule: Rule
    ) -> Iterator[tuple[int, Decision]]:
        """Cut the passages of the documents of each block; also writes the new texts."""
        corpus = self.corpus()
        for b in corpus.blocks_of(task):
            if b not in matched:
                self._save(b, np.empty(0, np.int64), [])
        wanted = {b: matches.documents for b, matches in matched.items()}
        texts = BlockTexts(
            text_field=self.text_field, id_field=None, with_text=True, max_row=self.max_row
        )
        for b, table in texts.read(task, corpus, wanted):
            block = corpus.blocks[b]
            found = rule.cuts(hits_of(corpus, block, rule.ignored))
            bounds = np.searchsorted(found[:, 0], [wanted[b], wanted[b] + 1]).T.tolist()
            originals: list[Any] = table.column("text").to_pylist()
            edits = [
                cut_out(text, found[low:high, 1:].tolist(), self.around)
                for text, (low, high) in zip(originals, bounds, strict=True)
            ]
            least = max(1, self.min_chars_left)
            goes = np.array([len(each.rest) < least for each in edits], np.bool_)
            stays = np.flatnonzero(~goes)
            self._save(b, wanted[b][stays], [edits[i].rest for i in stays.tolist()])
            places = read_documents(corpus, b)
            yield b, _decision(matched[b], places, rule, edits=edits, goes=goes)

    def _save(self, b: int, documents: Numbers, texts: list[str]) -> None:
        values: Any = pa.array(texts, pa.large_string())
        path = join(self.cache, CHANGES, f"{b:05d}.arrow")
        save_changes(path, documents, {self.text_field: values})


@dataclass(frozen=True, kw_only=True)
class CutText:
    """A text of which passages were cut."""

    text: str
    rest: str
    cuts: list[Cut]

    @property
    def passages(self) -> list[str]:
        """What was cut."""
        return [self.text[start:end] for start, end in self.cuts]


def cut_out(text: str, spans: list[Cut], around: int = 0) -> CutText:
    """Cut passages out of a text; with each goes the white space beside it, and a line break stands there.

    Args:
        text: The whole text.
        spans: The passages, by their beginning.
        around: Characters on both sides that go as well.
    """
    cuts = list[Cut]()
    for start, end in spans:
        first, after = max(0, start - around), min(len(text), end + around)
        first = len(text[:first].rstrip())
        # Accents that are characters of their own belong to the letter before them.
        while after < len(text) and (text[after].isspace() or unicodedata.combining(text[after])):
            after += 1
        if cuts and first <= cuts[-1][1]:
            first, after = cuts[-1][0], max(cuts.pop()[1], after)
        cuts.append((first, after))
    edges = [0, *(place for cut in cuts for place in cut), len(text)]
    pieces = [text[start:end] for start, end in list(pairwise(edges))[::2]]
    return CutText(text=text, rest=SEAM.join(filter(None, pieces)), cuts=cuts)


def _decision(
    matches: Matches,
    places: pa.Table,
    rule: Rule,
    *,
    edits: list[CutText],
    goes: np.ndarray[Any, Any],
) -> Decision:
    """The rows of all tables; `edits` and `goes` are of the documents of `matches`."""
    rows = removed_rows(matches, places, rule)
    stays = np.flatnonzero(~goes)
    kept = [edits[i] for i in stays.tolist()]
    changes = rows.take(pa.array(stays, pa.int64()))
    numbers: dict[str, Any] = {
        "cuts": [len(each.cuts) for each in kept],
        "chars_before": [len(each.text) for each in kept],
        "chars_after": [len(each.rest) for each in kept],
    }
    columns = [*changes.columns, *(pa.array(each, pa.int64()) for each in numbers.values())]
    removed = rows.filter(pa.array(goes))
    left = [len(each.rest) for each, gone in zip(edits, goes.tolist(), strict=True) if gone]
    reasons = [
        f"{reason}; {count:,} characters would be left"
        for reason, count in zip(removed.column("reason").to_pylist(), left, strict=True)
    ]
    place = removed.schema.get_field_index("reason")
    tables = {
        "matches": match_rows(matches, places, rule),
        "removed": removed.set_column(place, "reason", pa.array(reasons, pa.string())),
        "changes": pa.Table.from_arrays(columns, schema=CHANGES_SCHEMA),
        "cuts": _cut_rows(changes.select(list(PLACE)), kept),
    }
    facts = {
        "changed": len(kept),
        "cuts": sum(numbers["cuts"]),
        "cut_chars": sum(len(passage) for each in kept for passage in each.passages),
    }
    return Decision(tables=tables, goes=matches.documents[goes], facts=facts)


def _cut_rows(places: pa.Table, kept: list[CutText]) -> pa.Table:
    """The rows of `cuts/`, of the documents that stay."""
    owner = np.repeat(np.arange(len(kept)), [len(each.cuts) for each in kept])
    there = places.take(pa.array(owner, pa.int64()))
    cuts = [cut for each in kept for cut in each.cuts]
    values: dict[str, Any] = {
        "start": [start for start, _ in cuts],
        "characters": [end - start for start, end in cuts],
        "text": [passage for each in kept for passage in each.passages],
    }
    values |= {name: there.column(name) for name in PLACE}
    return pa.table({name: values[name] for name in CUTS_SCHEMA.names}, schema=CUTS_SCHEMA)
