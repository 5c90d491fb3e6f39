"""The stage that changes columns of a table by modifiers, with NeMo Curator's parameters.

In a folder of files use `curator-text clean`, which also says what changed, and why.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_text.modifiers.doc_modifier import DocumentModifier
from curator_text.read.columns import text_column
from curator_text.removal.changed_columns import with_values
from curator_text.task import DocumentBatch

type Modifier = DocumentModifier | Callable[..., Any]


@positional("modifier_fn", "input_fields", "output_fields", "name")
@dataclass
class Modify(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Change the texts of a column by one modifier, or by several in turn.

    A modifier of several columns is a function of their values. A missing text stays missing.

    Example:
        Modify([UnicodeReformatter(), NewlineNormalizer()])
    """

    modifier_fn: Modifier | list[Modifier]
    """A modifier, a function of a text, or several."""
    input_fields: str | list[str] | list[list[str]] = "text"
    """The column for all of them, or for each its column or the list of its columns."""
    output_fields: str | list[str | None] | None = field(default=None, kw_only=True)
    """The column for all, or one for each; None: the one that it reads."""

    def __post_init__(self) -> None:
        given = self.modifier_fn
        self._modifiers: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
        if not self._modifiers:
            raise SettingsError("no modifier; give one, or a list of at least one.")
        self._inputs = self._columns_read()
        self._outputs = self._columns_written()

    def _columns_read(self) -> list[list[str]]:
        count, given = len(self._modifiers), self.input_fields
        if isinstance(given, str):
            return [[given]] * count
        if count == 1 and all(isinstance(each, str) for each in given):
            return [[str(each) for each in given]]
        if len(given) == 1:
            given = list(given) * count
        if len(given) != count:
            raise SettingsError(
                f"input_fields has {len(given)} values for {count} modifiers; give one for each."
            )
        return [[each] if isinstance(each, str) else list(each) for each in given]

    def _columns_written(self) -> list[str]:
        count, given = len(self._modifiers), self.output_fields
        names = list(given) if isinstance(given, list | tuple) else [given] * count
        if len(names) == 1:
            names *= count
        if len(names) != count:
            raise SettingsError(
                f"output_fields has {len(names)} values for {count} modifiers; give one for each."
            )
        for name, columns in zip(names, self._inputs, strict=True):
            if name is None and len(columns) > 1:
                raise SettingsError("a modifier of several input_fields needs its output_fields.")
        return [
            columns[0] if n is None else n for n, columns in zip(names, self._inputs, strict=True)
        ]

    def inputs(self) -> tuple[list[str], list[str]]:
        """The columns that are read and that no modifier before has written."""
        read, written = list[str](), set[str]()
        for columns, output in zip(self._inputs, self._outputs, strict=True):
            read += [name for name in columns if name not in written]
            written.add(output)
        return ["data"], list(dict.fromkeys(read))

    def outputs(self) -> tuple[list[str], list[str]]:
        """The columns that are written."""
        return ["data"], list(dict.fromkeys(self._outputs))

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """Change the columns, one modifier after the other."""
        for modifier, columns, output in zip(
            self._modifiers, self._inputs, self._outputs, strict=True
        ):
            task.data = _modified(task.data, modifier, columns, output)
        return task


def _modified(table: pa.Table, modifier: Any, columns: list[str], output: str) -> pa.Table:
    if not isinstance(modifier, DocumentModifier):
        rows: Any = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
        alone = len(columns) == 1
        made = [None if alone and row[0] is None else modifier(*row) for row in rows]
        return _with_column(table, output, pa.chunked_array([pa.array(made)]))
    if len(columns) > 1:
        rows = zip(*(table.column(name).to_pylist() for name in columns), strict=True)
        values = [modifier.modify_document(*row) for row in rows]
        return _with_column(table, output, pa.chunked_array([pa.array(values)]))
    texts = text_column(table.column(columns[0]))
    if texts is None:
        raise SettingsError(
            f"column {columns[0]!r} holds {table.column(columns[0]).type}, no texts."
        )
    there = np.flatnonzero(texts.is_valid().to_numpy())
    found = modified(modifier, texts.drop_null().combine_chunks())
    values = pa.array(found.texts, pa.large_string())
    return _with_column(table, output, with_values(texts, there[found.changed], values))


@dataclass(frozen=True, kw_only=True)
class Modified:
    """What a modifier changes of some texts."""

    changed: NDArray[np.int64]
    """The numbers of the texts that change, sorted."""
    texts: list[str]
    """What becomes of them."""
    before: list[str]
    """What they were."""


def modified(modifier: DocumentModifier, texts: Any) -> Modified:
    """Modify texts.

    Args:
        modifier: The modifier.
        texts: Strings without nulls.
    """
    likely = modifier.may_change(texts)
    numbers = np.arange(len(texts)) if likely is None else np.flatnonzero(likely)
    old: list[str] = texts.take(pa.array(numbers, pa.int64())).to_pylist()
    new = [modifier.modify_document(text) for text in old]
    kept = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    return Modified(
        changed=numbers[kept], texts=[new[i] for i in kept], before=[old[i] for i in kept]
    )


def _with_column(table: pa.Table, name: str, column: Any) -> pa.Table:
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)
