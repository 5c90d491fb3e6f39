"""Decide what becomes of documents with repeated spans: they lose those, or go."""

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.read.columns import utf8
from curator_text.removal.block_texts import BlockTexts
from curator_text.removal.corpus import Corpus, known_corpus
from curator_text.removal.corpus_stage import CORPUS_FILE, DecidingStage
from curator_text.removal.document_tables import PLACE, TableParts, located
from curator_text.removal.rewrite_documents import save_changes
from curator_text.repeats.pieces import SPAN, Numbers, records_of

PASSAGES_SCHEMA = pa.schema(
    {
        **PLACE,
        "start": pa.int64(),
        "characters": pa.int64(),
        "first_file": pa.string(),
        "first_row": pa.int64(),
        "first_byte": pa.int64(),
        "times": pa.int64(),
        "text": pa.string(),
    }
)
REMOVED_SCHEMA = pa.schema(
    {**PLACE, "reason": pa.string(), "repeated": pa.float64(), "passages": pa.int64()}
)
CHANGES = "changes"
_SHOWN = 200
"""Characters of a passage that its row holds."""
type Remove = Literal["passages", "documents", "nothing"]


@dataclass(kw_only=True)
class DecideRepeats(DecidingStage[FileGroupTask]):
    """Decide about the documents of one source task, whose repeated spans are known."""

    text_field: str
    id_field: str | None
    max_row: int
    spans: list[str]
    """Files of spans, see `pieces.py`."""
    remove: Remove
    max_repeated: float
    compared_file: str = CORPUS_FILE
    """All documents, those of an index first: by their numbers spans are."""
    folders = ("passages", "removed")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task, its new texts, and the numbers of the documents that go."""
        corpus = self.corpus()
        mine = corpus.blocks_of(task)
        name, facts = f"part-{mine[0]:05d}.parquet", Counter[str]()
        going = [np.empty(0, np.int64)]
        every = known_corpus(join(self.cache, self.compared_file))
        joined = {b: self._spans(corpus, b, every.old) for b in mine}
        rows = {b: np.unique(spans["number"]) - corpus.bases[b] for b, spans in joined.items()}
        texts = BlockTexts(
            text_field=self.text_field,
            id_field=self.id_field,
            with_text=True,
            max_row=self.max_row,
        )
        wanted = {b: each for b, each in rows.items() if len(each)}
        for b in mine:
            if b not in wanted:
                self._save_changes(b, np.empty(0, np.int64), [])
        with ExitStack() as stack:
            passages = TableParts(join(self.output, "passages", name), PASSAGES_SCHEMA, stack=stack)
            removed = TableParts(join(self.output, "removed", name), REMOVED_SCHEMA, stack=stack)
            for b, table in texts.read(task, corpus, wanted):
                block = _Block(corpus, b, wanted[b], table, joined[b], every)
                goes = block.goes(self.remove, self.max_repeated)
                passages.add(block.passages())
                if self.remove != "nothing":
                    removed.add(block.removed(goes))
                stays = np.flatnonzero(~goes) if self.remove == "passages" else np.empty(0, int)
                self._save_changes(b, block.rows[stays], [block.rest[i] for i in stays.tolist()])
                going.append(block.rows[goes] + corpus.bases[b])
                facts.update(
                    passages=len(block.spans), changed=len(stays), repeated_bytes=block.bytes
                )
        return self.decided(mine[0], np.concatenate(going), facts)

    def _save_changes(self, b: int, documents: Numbers, texts: list[bytes]) -> None:
        values: Any = pa.array(texts, pa.large_binary()).cast(pa.large_string())
        path = join(self.cache, CHANGES, f"{b:05d}.arrow")
        save_changes(path, documents, {self.text_field: values})

    def _spans(self, corpus: Corpus, b: int, old: int) -> NDArray[Any]:
        """The spans of a block, those that touch or overlap as one."""
        from curator_text.kernels import repeat_kernels

        found = (records_of(path, SPAN, corpus, b, old=old) for path in self.spans)
        spans = np.concatenate([np.empty(0, SPAN), *found])
        spans = spans[np.lexsort((spans["start"], spans["number"]))]
        columns = [np.ascontiguousarray(spans[name]) for name in ("number", "start", "end")]
        out = [np.empty(len(spans), np.int64) for _ in range(4)]
        count = repeat_kernels.join_spans(*columns, *out)
        joined = spans[out[3][:count]]
        joined["start"], joined["end"] = out[1][:count], out[2][:count]
        return joined


class _Block:
    """The documents of a block that have repeated spans, and what they lose."""

    def __init__(
        self,
        corpus: Corpus,
        b: int,
        rows: Numbers,
        table: pa.Table,
        spans: NDArray[Any],
        every: Corpus,
    ) -> None:
        from curator_text.kernels import repeat_kernels

        self._corpus, self._b, self.rows, self._ids = corpus, b, rows, table.column("id")
        self._every = every
        text, offsets = utf8(table.column("text").combine_chunks())
        owners = np.searchsorted(rows, spans["number"] - corpus.bases[b])
        starts, ends = (np.ascontiguousarray(spans[name]) for name in ("start", "end"))
        repeat_kernels.whole_characters(text, offsets, owners, starts, ends)
        spans["first_start"] += starts - spans["start"]
        spans["start"], spans["end"] = starts, ends
        some = ends > starts
        self.spans, self._owners = spans[some], owners[some]
        self._text, self._offsets = text, offsets
        cut = self.spans["end"] - self.spans["start"]
        self.bytes = int(cut.sum())
        sizes = np.maximum(np.diff(offsets), 1)
        self._repeated = np.bincount(self._owners, weights=cut, minlength=len(rows)) / sizes
        self._count = np.bincount(self._owners, minlength=len(rows))
        self.rest = self._without()

    def _without(self) -> list[bytes]:
        """The texts without their spans."""
        rest: list[bytes] = []
        bounds = np.searchsorted(self._owners, np.arange(len(self.rows) + 1)).tolist()
        for i, (start, end) in enumerate(
            zip(self._offsets[:-1].tolist(), self._offsets[1:].tolist(), strict=True)
        ):
            text, at, parts = self._text[start:end].tobytes(), 0, list[bytes]()
            mine = self.spans[bounds[i] : bounds[i + 1]]
            for low, high in zip(mine["start"].tolist(), mine["end"].tolist(), strict=True):
                parts.append(text[at:low])
                at = high
            rest.append(b"".join([*parts, text[at:]]))
        return rest

    def goes(self, how: Remove, most: float) -> NDArray[np.bool_]:
        """Which documents go: those of which nothing is left, or those of which too much repeats."""
        if how == "documents":
            return self._repeated > most
        return np.array([not rest.strip() for rest in self.rest], np.bool_)

    def _places(self, chosen: Numbers) -> dict[str, Any]:
        arrays = self._corpus.load_all(self._corpus.blocks[self._b], "position", "length", "line")
        names = ("position", "length", "line")
        columns: dict[str, Any] = {
            name: array[self.rows[chosen]] for name, array in zip(names, arrays, strict=True)
        }
        ids = self._ids.combine_chunks().take(pa.array(chosen, pa.int64()))
        table = located(pa.table({"id": ids, **columns}), self._corpus, self._b)
        return {name: table.column(name) for name in PLACE}

    def removed(self, goes: NDArray[np.bool_]) -> pa.Table:
        """The rows of `removed/`."""
        chosen = np.flatnonzero(goes)
        ratio = self._repeated[chosen]
        columns: dict[str, Any] = {
            **self._places(chosen),
            "reason": [f"{each:.0%} of the text repeats" for each in ratio.tolist()],
            "repeated": ratio,
            "passages": self._count[chosen],
        }
        return pa.table(columns, schema=REMOVED_SCHEMA)

    def passages(self) -> pa.Table:
        """The rows of `passages/`."""
        # Characters before each byte.
        ahead = np.concatenate(([0], np.cumsum((self._text & 0xC0) != 0x80)))
        begin = self._offsets[self._owners]
        low, high = begin + self.spans["start"], begin + self.spans["end"]
        first = self._every.places(self.spans["first"])
        times = self.spans["times"]
        shown = [
            self._text[start : min(start + 4 * _SHOWN, end)].tobytes().decode(errors="ignore")
            for start, end in zip(low.tolist(), high.tolist(), strict=True)
        ]
        columns: dict[str, Any] = {
            **self._places(self._owners),
            "start": ahead[low] - ahead[begin],
            "characters": ahead[high] - ahead[low],
            "first_file": self._every.names(self.spans["first"]),
            "first_row": first["line"],
            "first_byte": self.spans["first_start"],
            "times": pa.array(times, pa.int64(), mask=times == 0),
            "text": [each[:_SHOWN] for each in shown],
        }
        return pa.table(columns, schema=PASSAGES_SCHEMA)
