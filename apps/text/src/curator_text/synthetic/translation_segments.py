"""Texts into segments for a translator, and texts again: stages by NeMo Curator's names.

A document stays a row all the way: its segments are a list in a column. Lines without letters and code between fences
are not asked about and stay.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns
from curator_text.synthetic.segments import Segment, joined, segments_of

SEGMENTS, FRAME, TRANSLATED = "_seg_segments", "_seg_metadata", "_translated"
SKIP = "_skip_translated"
_COARSE_TOKENS = 600
_SENTENCE_END = re.compile("(?<=[.!?\u2026])\\s+|(?<=[\u3002\uff01\uff1f])")
"""White space behind a mark that ends a sentence, and the place behind a Chinese one."""
_ERRORS = "translation_errors"


def segments(text: str, mode: str, least_chars: int = 0) -> list[Segment]:
    """The segments of a text: passages of up to 600 tokens (coarse), or sentences (fine).

    Args:
        text: The text; `joined` makes it of them again.
        mode: coarse or fine.
        least_chars: Shorter segments are not asked about.
    """
    found = list[Segment]()
    for each in segments_of(text, most_tokens=_COARSE_TOKENS, carry=True):
        found += _sentences(each) if mode == "fine" and each.asked else [each]
    return [
        Segment(text=s.text, before=s.before, asked=s.asked and len(s.text) >= least_chars)
        for s in found
    ]


def _sentences(segment: Segment) -> list[Segment]:
    """The sentences of a segment, each with the white space before it."""
    found, before, text = list[Segment](), segment.before, segment.text
    for line in text.split("\n"):
        start = 0
        for end in [*_SENTENCE_END.finditer(line), None]:
            piece = line[start : end.start() if end else len(line)]
            found.append(Segment(text=piece, before=before, asked=bool(piece.strip())))
            before, start = (end[0], end.end()) if end else ("\n", start)
    return found


@dataclass(kw_only=True)
class SkipExistingTranslationsStage(ProcessingStage[TableTask, TableTask]):
    """Mark rows that have a translation, so that they are not translated again."""

    translation_column: str = "translated_text"
    """Column with translations; without it no row has one."""
    original_order_col: str = "_skip_original_idx"
    """Accepted: rows stay in their order."""

    def outputs(self) -> tuple[list[str], list[str]]:
        """The marks."""
        return ["data"], [SKIP]

    def process(self, task: TableTask) -> TableTask:
        """Mark the rows of a batch."""
        name, table = self.translation_column, task.data
        there: list[Any] = table.column(name).to_pylist() if name in table.column_names else []
        marks = [bool(str(each or "").strip()) for each in there] or [False] * table.num_rows
        task.data = with_columns(table, {SKIP: array_of(marks, pa.bool_())})
        return task


@dataclass(kw_only=True)
class RestoreSkippedRowsStage(ProcessingStage[TableTask, TableTask]):
    """Take the marks of `SkipExistingTranslationsStage` away."""

    def process(self, task: TableTask) -> TableTask:
        """Mend a batch."""
        task.data = without(task.data, SKIP)
        return task


@dataclass(kw_only=True)
class SegmentationStage(ProcessingStage[TableTask, TableTask]):
    """Add a column with the segments of each text that are to be translated."""

    source_lang: str = ""
    """Accepted: sentences end as they do in most languages."""
    text_field: str = "text"
    """Column with the texts."""
    mode: Literal["coarse", "fine"] = "coarse"
    """Passages, or sentences."""
    min_segment_chars: int = 0
    """Shorter segments stay as they are."""
    skipme_field: str | None = None
    """Column that says of which rows there are no segments; None for none."""

    def __post_init__(self) -> None:
        if self.mode not in ("coarse", "fine"):
            raise SettingsError(f"mode {self.mode!r} is not coarse or fine.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The segments, and what stands around them."""
        return ["data"], [SEGMENTS, FRAME]

    def process(self, task: TableTask) -> TableTask:
        """Cut the texts of a batch."""
        texts: list[Any] = task.data.column(self.text_field).to_pylist()
        skipped = _marks(task.data, self.skipme_field)
        parts = [
            [] if skip else segments(text or "", self.mode, self.min_segment_chars)
            for text, skip in zip(texts, skipped, strict=True)
        ]
        asked = [[part.text for part in each if part.asked] for each in parts]
        frames = [
            json.dumps([[part.before, None if part.asked else part.text] for part in each])
            for each in parts
        ]
        columns = {
            SEGMENTS: array_of(asked, pa.list_(pa.string())),
            FRAME: array_of(frames, pa.string()),
        }
        task.data = with_columns(task.data, columns)
        return task


@dataclass(kw_only=True)
class ReassemblyStage(ProcessingStage[TableTask, TableTask]):
    """Make texts of the translations of their segments; a segment without one stays, and is counted in `translation_errors`."""

    text_field: str = "text"
    """Column with the texts."""
    output_field: str = "translated_text"
    """Column for the translations."""
    replace_source_fields: bool = False
    """Put them into the column of the texts as well."""
    emit_metadata_helpers: bool = False
    """Add the JSON that `FormatTranslationOutputStage` writes of."""
    aggregate_faith_scores: bool = False
    """Accepted: `FaithEvalFilter` gives a row the mean of its segments' scores."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments and translations."""
        return ["data"], [self.text_field, SEGMENTS, FRAME, TRANSLATED]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The translated texts."""
        more = ["_segmented_translation_map"] if self.emit_metadata_helpers else []
        return ["data"], [self.output_field, _ERRORS, *more]

    def process(self, task: TableTask) -> TableTask:
        """Join the texts of a batch."""
        table = task.data
        sources: list[Any] = table.column(SEGMENTS).to_pylist()
        made: list[Any] = table.column(TRANSLATED).to_pylist()
        said_frames: list[Any] = table.column(FRAME).to_pylist()
        frames: list[Any] = [json.loads(each) for each in said_frames]
        texts = [_joined(*each) for each in zip(frames, sources, made, strict=True)]
        old = texts_of(table, self.output_field)
        skipped = _marks(table, SKIP)
        kept = [old[i] if skipped[i] else text for i, text in enumerate(texts)]
        lost = [sum(each is None for each in row) for row in made]
        errors = [f"{count} segments have no translation" if count else "" for count in lost]
        columns = {
            self.output_field: array_of(kept, pa.string()),
            _ERRORS: array_of(errors, pa.string()),
        }
        if self.emit_metadata_helpers:
            pairs = [
                [{"src": a, "tgt": b} for a, b in zip(source, each, strict=True)]
                for source, each in zip(sources, made, strict=True)
            ]
            said = [json.dumps({self.text_field: each}, ensure_ascii=False) for each in pairs]
            columns["_segmented_translation_map"] = array_of(said, pa.string())
        if self.replace_source_fields:
            columns[self.text_field] = columns[self.output_field]
        task.data = with_columns(without(table, SEGMENTS, FRAME, TRANSLATED), columns)
        return task


def _joined(frame: Any, sources: Sequence[str], made: Sequence[str | None]) -> str:
    """The text of a frame, whose empty places are filled by translations, or else by what stood there."""
    pairs = iter(zip(sources, made, strict=True))
    filled = [next(pairs) if text is None else (text, None) for _, text in frame]
    parts = [
        Segment(before=before, text=source)
        for (before, _), (source, _) in zip(frame, filled, strict=True)
    ]
    return joined(parts, [answer for _, answer in filled])


def texts_of(table: pa.Table, name: str) -> list[str | None]:
    """A column of texts; nothing where there is none."""
    if name not in table.column_names:
        return [None] * table.num_rows
    return table.column(name).to_pylist()


def _marks(table: pa.Table, name: str | None) -> list[bool]:
    if name is None or name not in table.column_names:
        return [False] * table.num_rows
    marks: list[Any] = table.column(name).to_pylist()
    return [bool(each) for each in marks]


def without(table: pa.Table, *names: str) -> pa.Table:
    """The table without these columns, as far as they are there."""
    return table.drop_columns([name for name in names if name in table.column_names])


def array_of(values: Sequence[Any], kind: Any) -> Any:
    """An array of a type."""
    return pa.array(values, kind)
