"""Texts into segments for a translator, and texts again: stages by NeMo Curator's names.

A document stays a row all the way: its segments are a list in a column. Lines without letters and code between fences
are not asked about and stay.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns
from curator_text.synthetic.field_paths import (
    extract_nested_fields,
    is_nested,
    is_wildcard_path,
    normalize_text_field,
    parse_structured_value,
    set_nested_fields,
)
from curator_text.synthetic.segments import Segment, joined, segments_of

SEGMENTS, FRAME, TRANSLATED = "_seg_segments", "_seg_metadata", "_translated"
SKIP = "_skip_translated"
TRANSLATION_MAP, SEGMENT_MAP = "_translation_map", "_segmented_translation_map"
_COARSE_TOKENS = 600
_SENTENCE_END = re.compile("(?<=[.!?\u2026])\\s+|(?<=[\u3002\uff01\uff1f])")
"""White space behind a mark that ends a sentence, and the place behind a Chinese one."""
_ANY_END = re.compile(f"{_SENTENCE_END.pattern}|\n")
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


def split_into_sentences_with_structure(text: str, src_lang: str = "en") -> list[tuple[str, str]]:
    """The sentences of a text, each with the white space after it; joined they are the text.

    Args:
        text: The text.
        src_lang: Accepted: sentences end as they do in most languages, without a model of one.
    """
    found = list[tuple[str, str]]()
    start = 0
    for end in _ANY_END.finditer(text):
        found.append((text[start : end.start()], end[0]))
        start = end.end()
    return [*found, (text[start:], "")] if text[start:] or not found else found


def is_line_translatable_content(line: str) -> bool:
    """Whether there is something to translate: not without letters, not a tag alone, not JSON."""
    text = line.strip()
    if not any(letter.isalpha() for letter in text):
        return False
    return (
        not (text.startswith("<") and text.endswith(">")) and parse_structured_value(text) is None
    )


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
    text_field: str | list[str] = "text"
    """Column with the texts, or several; a path such as messages.*.content leads to texts in a nested column, or in JSON."""
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
        return ["data"], roots_of(self.text_field)

    def outputs(self) -> tuple[list[str], list[str]]:
        """The segments, and what stands around them."""
        return ["data"], [SEGMENTS, FRAME]

    def process(self, task: TableTask) -> TableTask:
        """Cut the texts of a batch."""
        rows: list[dict[str, Any]] = task.data.select(roots_of(self.text_field)).to_pylist()
        skipped = _marks(task.data, self.skipme_field)
        asked, frames = list[list[str]](), list[str]()
        for row, skip in zip(rows, skipped, strict=True):
            found = [] if skip else list(self._texts(row))
            parts = [segments(text, self.mode, self.min_segment_chars) for _, text in found]
            asked.append([part.text for each in parts for part in each if part.asked])
            frame = [
                {
                    "path": path,
                    "parts": [[p.before, None if p.asked else p.text] for p in each],
                }
                for (path, _), each in zip(found, parts, strict=True)
            ]
            frames.append(json.dumps(frame))
        columns = {
            SEGMENTS: array_of(asked, pa.list_(pa.string())),
            FRAME: array_of(frames, pa.string()),
        }
        task.data = with_columns(task.data, columns)
        return task

    def _texts(self, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """The texts of a row, each with the path that led to it."""
        for path in normalize_text_field(self.text_field):
            if is_nested(path):
                root = path.partition(".")[0]
                record = {root: parse_structured_value(row[root])}
                yield from ((path, text) for text in extract_nested_fields(record, path))
            else:
                yield path, str(row[path] or "")


@dataclass(kw_only=True)
class ReassemblyStage(ProcessingStage[TableTask, TableTask]):
    """Make texts of the translations of their segments; a segment without one stays, and is counted in `translation_errors`."""

    text_field: str | list[str] = "text"
    """As of `SegmentationStage`."""
    output_field: str = "translated_text"
    """Column for the translations: of one plain column a text, of one path its whole column, of several fields JSON by their names."""
    replace_source_fields: bool = False
    """Put them into the columns of the texts as well."""
    emit_metadata_helpers: bool = False
    """Add the JSON that `FormatTranslationOutputStage` writes of."""
    aggregate_faith_scores: bool = False
    """Accepted: `FaithEvalFilter` gives a row the mean of its segments' scores."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments and translations."""
        return ["data"], [*roots_of(self.text_field), SEGMENTS, FRAME, TRANSLATED]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The translated texts."""
        more = [TRANSLATION_MAP, SEGMENT_MAP] if self.emit_metadata_helpers else []
        return ["data"], [self.output_field, _ERRORS, *more]

    def process(self, task: TableTask) -> TableTask:
        """Join the texts of a batch."""
        table, roots = task.data, roots_of(self.text_field)
        sources: list[Any] = table.column(SEGMENTS).to_pylist()
        made: list[Any] = table.column(TRANSLATED).to_pylist()
        frames: list[Any] = [json.loads(str(each)) for each in table.column(FRAME).to_pylist()]
        done = [_Translated(*each) for each in zip(frames, sources, made, strict=True)]
        rows: list[dict[str, Any]] = table.select(roots).to_pylist()
        new = [each.filled(row) for each, row in zip(done, rows, strict=True)]
        columns: dict[str, Any] = {
            self.output_field: self._output(table, new, done),
            _ERRORS: array_of([each.errors for each in done], pa.string()),
        }
        if self.emit_metadata_helpers:
            for name, found in (
                (TRANSLATION_MAP, [each.by_field for each in done]),
                (SEGMENT_MAP, [each.pairs for each in done]),
            ):
                said = [json.dumps(each, ensure_ascii=False) for each in found]
                columns[name] = array_of(said, pa.string())
        if self.replace_source_fields:
            for root in roots:
                columns[root] = (
                    columns[self.output_field] if self._is_plain else _like(table, root, new)
                )
        task.data = with_columns(without(table, SEGMENTS, FRAME, TRANSLATED), columns)
        return task

    @property
    def _is_plain(self) -> bool:
        """Whether there is one column of texts."""
        paths = normalize_text_field(self.text_field)
        return len(paths) == 1 and not is_nested(paths[0])

    def _output(self, table: pa.Table, new: Sequence[dict[str, Any]], done: Any) -> Any:
        """The column of translations; rows that were skipped keep what they have."""
        paths, skipped = normalize_text_field(self.text_field), _marks(table, SKIP)
        if len(paths) > 1:
            found: Any = array_of(
                [json.dumps(each.by_field, ensure_ascii=False) for each in done], pa.string()
            )
        elif self._is_plain:
            found = array_of([row[paths[0]] or "" for row in new], pa.string())
        else:
            found = _like(table, roots_of(paths)[0], new)
        if any(skipped) and self.output_field in table.column_names:
            old = table.column(self.output_field).to_pylist()
            kept = [
                a if skip else b for a, b, skip in zip(old, found.to_pylist(), skipped, strict=True)
            ]
            found = array_of(kept, found.type)
        return found


class _Translated:
    """The texts of a row with their translations.

    Args:
        frame: Of each text its path, and its parts, of which those that were asked about are empty.
        sources: The segments that stood there.
        made: Their translations; None for one that has none.
    """

    def __init__(
        self, frame: Sequence[Any], sources: Sequence[str], made: Sequence[str | None]
    ) -> None:
        self.texts: dict[str, list[str | None]] = {}
        self.pairs: dict[str, list[dict[str, str | None]]] = {}
        lost, first = sum(each is None for each in made), 0
        for text in frame:
            after = first + sum(part is None for _, part in text["parts"])
            span = slice(first, after)
            joined_ = _joined(text["parts"], sources[span], made[span])
            self.texts.setdefault(text["path"], []).append(joined_)
            self.pairs.setdefault(_leaf(text["path"]), []).extend(
                {"src": a, "tgt": b} for a, b in zip(sources[span], made[span], strict=True)
            )
            first = after
        self.errors = f"{lost} segments have no translation" if lost else ""

    @property
    def by_field(self) -> dict[str, Any]:
        """The translations by the last part of their path: lists where that stands for several."""
        return {
            _leaf(path): texts if is_wildcard_path(path) else texts[0]
            for path, texts in self.texts.items()
        }

    def filled(self, row: dict[str, Any]) -> dict[str, Any]:
        """The columns of a row with translations in the place of texts; JSON stays JSON."""
        made = dict(row)
        for path, texts in self.texts.items():
            if not is_nested(path):
                made[path] = texts[0]
                continue
            root = path.partition(".")[0]
            value = made[root]
            new = set_nested_fields({root: parse_structured_value(value)}, path, texts)[root]
            made[root] = json.dumps(new, ensure_ascii=False) if isinstance(value, str) else new
        return made


def _leaf(path: str) -> str:
    return path.rpartition(".")[2]


def roots_of(text_field: str | list[str]) -> list[str]:
    """The columns that paths lead into, each once."""
    return list(dict.fromkeys(path.partition(".")[0] for path in normalize_text_field(text_field)))


def _like(table: pa.Table, name: str, rows: Sequence[dict[str, Any]]) -> Any:
    """A column of rows, of the type that it had in the table."""
    return array_of([row[name] for row in rows], table.schema.field(name).type)


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
