"""Read documents and tell their languages: the first step of `langid`.

Writes three files per block: `<task id>.arrow` with a row per document (`id`, which is null where the document has
none; `position`, `length` and `line` as in `sign.py`; what was found), `<task id>.changes.arrow` with the fields
that rows get, and `<task id>.npz` with `position` by document and `bad`, which removal needs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.task import ArrowArray
from curator_text.language.codes import UNDETERMINED
from curator_text.language.detectors import DetectorName, Found, make_detector
from curator_text.language.scripts import script_for, scripts_of
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.read.columns import utf8
from curator_text.removal.array_files import save_table
from curator_text.removal.block_stage import BlockStage, rows_of, save_places
from curator_text.removal.rewrite_documents import CHANGES_ENDING, save_changes

FOUND: dict[str, Any] = {
    "language": pa.string(),
    "language_script": pa.string(),
    "language_score": pa.float64(),
    "other_languages": pa.list_(pa.string()),
}
"""What is said of a document."""
_DIGITS = 4
"""Of a score."""


def field_names(language_field: str) -> dict[str, str]:
    """What the columns of `FOUND` are called in rows, given the name of the first."""
    return {name: name.replace("language", language_field) for name in FOUND}


@dataclass(kw_only=True)
class DetectLanguages(BlockStage):
    """Tell the languages of the documents of a file or span, block by block."""

    detector: DetectorName = "pycld2"
    model: str | None = None
    """File of a fastText model, instead of the detector."""
    model_key: str = ""
    """Changes with that file."""
    reliable: bool = False
    """Whether a language of which the tool itself is not sure counts as undetermined."""
    min_score: float | None = None
    """Score below which a language counts as undetermined."""
    language_field: str = "language"
    with_ids = True

    def found(self, texts: ArrowArray) -> pa.Table:
        """The columns of `FOUND`, and `guess`: what the tool said where that does not count."""
        detector = make_detector(self.detector, model=self.model, reliable=self.reliable)
        plain: list[Any] = texts.to_pylist()
        told = [detector.detect(text) for text in plain]
        scripts = [
            each.script or script_for(each.language, script)
            for each, script in zip(told, scripts_of(texts), strict=True)
        ]
        low = [self._is_low(each) for each in told]
        columns: dict[str, Any] = {
            "language": [
                UNDETERMINED if is_low else each.language
                for each, is_low in zip(told, low, strict=True)
            ],
            "language_script": [script or None for script in scripts],
            "language_score": [
                None if each.score is None else round(each.score, _DIGITS) for each in told
            ],
            "other_languages": [list(each.others) or None for each in told],
        }
        table = pa.table(columns, pa.schema(FOUND))
        guesses = [
            each.language if is_low else None for each, is_low in zip(told, low, strict=True)
        ]
        return table.append_column("guess", pa.array(guesses, pa.string()))

    def _is_low(self, found: Found) -> bool:
        least = self.min_score
        return least is not None and found.score is not None and round(found.score, _DIGITS) < least

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write what was found in a block."""
        count, table = len(block.position), self.found(block.values)
        columns: dict[str, Any] = {
            **rows_of(block),
            "text_bytes": np.diff(utf8(block.values)[1]),
            **{name: table.column(name) for name in table.column_names},
        }
        save_table(f"{stem}.arrow", pa.table(columns))
        arrays: Any = {
            new: table.column(name).combine_chunks()
            for name, new in field_names(self.language_field).items()
        }
        save_changes(f"{stem}{CHANGES_ENDING}", np.arange(count), arrays)
        save_places(stem, block)
