"""The rows of `scores/` of a run on documents of texts and pictures: what was measured, and what became of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.items.where import clauses_of, kinds_of
from curator_text.interleaved.documents import Document, Part
from curator_text.interleaved.picture_measures import Measures
from curator_text.removal.read_fields import as_kind

PLACE = {
    "id": pa.string(),
    "file": pa.string(),
    "record": pa.int64(),
    "position": pa.int32(),
    "modality": pa.string(),
}
PICTURE = {
    "name": pa.string(),
    "num_bytes": pa.int64(),
    "width": pa.int64(),
    "height": pa.int64(),
    "aspect": pa.float64(),
    "sharpness": pa.float64(),
    "code_area": pa.float64(),
}
"""What is known of a picture; null where it was not measured."""
DOCUMENT = {
    "num_bytes": pa.int64(),
    **dict.fromkeys(("num_texts", "num_images", "num_chars", "num_words"), pa.int64()),
}
"""What is counted of a document once pictures outside of limits have gone."""
STAMP = b"stamp"
"""Where the schema says which file was measured, as it was then."""
_EXAMPLES = {
    "--where": '--where "num_chars > 500 and num_images >= 2"',
    "--where-images": '--where-images "width >= 300 and sharpness > 100"',
}

type Row = dict[str, Any]
type Fields = Mapping[str, pa.DataType]
_NO_FIELDS: Fields = {}


def scores_schema(fields: Fields = _NO_FIELDS, stamp: str = "") -> pa.Schema:
    """The columns of `scores/`, with those of fields that a condition looks at.

    Args:
        fields: The fields, and what they are compared as.
        stamp: Of the file that is measured.
    """
    verdict = {"keep": pa.bool_(), "reason": pa.string()}
    made = pa.schema({**PLACE, **verdict, **PICTURE, **DOCUMENT, **fields})
    return made.with_metadata({STAMP: stamp.encode()})


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What rows have to meet; all of them do without a text.

    Example:
        >>> Condition(option="--where-images", text="width > 300").reasons([{"width": 200}])
        ['not width > 300']
    """

    option: str
    """What it is called by: --where for documents, --where-images for pictures."""
    text: str | None = None

    @property
    def columns(self) -> Fields:
        """Those that it may name, besides fields of documents."""
        known = DOCUMENT if self.option == "--where" else PICTURE
        places = ("id", "file", "record", *(["position"] if known is PICTURE else []))
        return {name: PLACE[name] for name in places} | known

    @cached_property
    def names(self) -> Fields:
        """The columns and fields that it names."""
        if self.text is None:
            return {}
        return kinds_of(self.text, example=_EXAMPLES[self.option])

    @cached_property
    def fields(self) -> Fields:
        """The fields of documents that it names, and what they are compared as."""
        if self.option != "--where":
            return {}
        return {name: kind for name, kind in self.names.items() if name not in self.columns}

    def check(self) -> None:
        """Make sure that it can be decided.

        Raises:
            SettingsError: Not a condition, or one on a column that is not there.
        """
        try:
            taken = {*scores_schema().names} - {*self.columns}
            if wrong := next((name for name in self.fields if name in taken), None):
                raise SettingsError(
                    f"--where: {wrong} is not known of documents; there are {', '.join(self.columns)}, and their fields."
                )
            self.reasons([])
        except SettingsError as error:
            raise SettingsError(str(error).replace("--where", self.option, 1)) from error

    def reasons(self, rows: Sequence[Row]) -> list[str]:
        """The first part of it that each row does not meet, as `not width > 300`; empty if it meets all."""
        found = [""] * len(rows)
        if self.text is None:
            return found
        table = pa.Table.from_pylist(list(rows), pa.schema({**self.columns, **self.fields}))
        for clause in clauses_of(self.text, table, example=_EXAMPLES[self.option]):
            for number, holds in enumerate(clause.holds):
                if not holds and not found[number]:
                    found[number] = f"not {clause.text}"
        return found

    def decide(self, rows: Iterable[Row]) -> None:
        """Give a `reason` to rows that have none yet and do not meet the condition."""
        left = [row for row in rows if not row["reason"]] if self.text else []
        for row, reason in zip(left, self.reasons(left), strict=True):
            row["reason"] = reason


def picture_row(place: int, part: Part, measures: Measures | str) -> Row:
    """The row of a picture.

    Args:
        place: Its place among the texts and pictures of its document, from 0.
        part: The picture.
        measures: Those that there are; a text says why there are none.
    """
    row: Row = {
        "position": place,
        "modality": "image",
        "name": part.name,
        "num_bytes": len(part.data or b""),
    }
    if not isinstance(measures, str) and measures:
        row |= measures
        longest, shortest = (f(row["width"], row["height"]) for f in (max, min))
        row["aspect"] = round(longest / max(1, shortest), 4)
    return row


def document_row(document: Document, fields: Fields = _NO_FIELDS) -> Row:
    """The row of a document as it is by now."""
    text = document.text
    size = sum(len(part.data or part.text.encode("utf-8", "replace")) for part in document.parts)
    return {
        "modality": "document",
        "num_bytes": size,
        "num_texts": document.count("text"),
        "num_images": document.count("image"),
        "num_chars": len(text),
        "num_words": len(text.split()),
        **{name: as_kind(document.fields.get(name), kind) for name, kind in fields.items()},
    }
