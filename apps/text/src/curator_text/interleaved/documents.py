"""A document of texts and pictures in their order, and its rows in NeMo Curator's schema."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, ClassVar, Literal

import pyarrow as pa

from curator_engine.positional import positional
from curator_engine.task import TableTask

INTERLEAVED_SCHEMA = pa.schema(
    [
        pa.field("sample_id", pa.string(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in ("content_type", "text_content")),
        pa.field("binary_content", pa.large_binary()),
        *(pa.field(name, pa.string()) for name in ("source_ref", "materialize_error")),
    ]
)
"""A row per text or picture of a document, from position 0; one at -1 with the document's other fields."""
RESERVED_COLUMNS = frozenset(INTERLEAVED_SCHEMA.names)


@positional("dataset_name", "data", "_stage_perf", "_metadata")
@dataclass(kw_only=True)
class InterleavedBatch(TableTask):
    """Rows of documents, as `INTERLEAVED_SCHEMA` has them; columns of the user's may stand beside.

    Example:
        >>> InterleavedBatch(data=pa.Table.from_pylist(rows_of(document), INTERLEAVED_SCHEMA))
    """

    data: pa.Table = field(default_factory=INTERLEAVED_SCHEMA.empty_table)
    """No rows unless given."""
    REQUIRED_COLUMNS: ClassVar[frozenset[str]] = frozenset({"sample_id", "position", "modality"})
    """Those that are in every row."""

    def count(self, modality: str | None = None) -> int:
        """How many rows it has, of a kind if one is given."""
        kinds = self.data.column("modality").to_pylist()
        return len(kinds) if modality is None else kinds.count(modality)

    @staticmethod
    def build_source_ref(
        path: str | None,
        member: str | None,
        byte_offset: int | None = None,
        byte_size: int | None = None,
        frame_index: int | None = None,
    ) -> str:
        """What the column `source_ref` says of where the bytes of a row are."""
        return json.dumps(
            {
                "path": path,
                "member": member,
                "byte_offset": byte_offset,
                "byte_size": byte_size,
                "frame_index": frame_index,
            },
            ensure_ascii=False,
        )

    @staticmethod
    def parse_source_ref(value: str | None) -> dict[str, Any]:
        """What a value of the column `source_ref` says; nulls where it says nothing."""
        known = dict.fromkeys(("path", "member", "byte_offset", "byte_size", "frame_index"))
        told = json.loads(value) if value else {}
        return known | (told if isinstance(told, dict) else {})


@dataclass(kw_only=True)
class Part:
    """A text or a picture of a document."""

    kind: Literal["text", "image"]
    text: str = ""
    data: bytes | None = None
    """The file of a picture, as it came; None if it is only named."""
    name: str = ""
    """Of a picture: its address, or its name in the archive."""
    content_type: str = ""
    frame: int | None = None
    """Which picture of a file of several (TIFF) it is, from 0."""
    about: Any = None
    """What the list `metadata` of the document says of it."""


@dataclass(kw_only=True)
class Document:
    """Texts and pictures in their order."""

    id: str
    parts: list[Part] = field(default_factory=list[Part])
    fields: dict[str, Any] = field(default_factory=dict[str, Any])
    """What else is known of it."""

    def count(self, kind: str) -> int:
        """How many texts, or pictures, it has."""
        return sum(part.kind == kind for part in self.parts)

    @property
    def text(self) -> str:
        """All its texts, a line each."""
        return "\n".join(part.text for part in self.parts if part.kind == "text")


def from_lists(id: str, row: dict[str, Any]) -> Document:
    """A document of two lists of one length, in each of which null stands where the other has something.

    The form of MINT-1T, OBELICS and OmniCorpus. A list `metadata` of that length, also as JSON text,
    is told by part.

    Args:
        id: Of the document.
        row: With `texts` and `images`; its other fields become those of the document.

    Raises:
        ValueError: A list is missing, or holds something else.
    """
    texts, images = row.get("texts"), row.get("images")
    if not isinstance(texts, list) or not isinstance(images, list):
        raise ValueError("it has no lists texts and images")
    size = max(len(texts), len(images))
    fields = {name: value for name, value in row.items() if name not in ("texts", "images")}
    abouts = _list_in(fields.get("metadata"))
    abouts = abouts if abouts is not None and len(abouts) == size else None
    if abouts is not None:
        del fields["metadata"]
    found = Document(id=id, fields=fields)
    for place in range(size):
        about = None if abouts is None else abouts[place]
        text = texts[place] if place < len(texts) else None
        if isinstance(text, str):
            found.parts.append(Part(kind="text", text=text, content_type="text/plain", about=about))
        elif text is not None:
            raise ValueError(f"texts holds a {type(text).__name__}")
        image = images[place] if place < len(images) else None
        if image is not None:
            found.parts.append(_picture(image, about))
    return found


def to_lists(document: Document) -> dict[str, Any]:
    """The two lists and the other fields of a document; pictures are names."""
    row = {
        **document.fields,
        "texts": [part.text if part.kind == "text" else None for part in document.parts],
        "images": [part.name if part.kind == "image" else None for part in document.parts],
    }
    if any(part.about is not None for part in document.parts):
        row["metadata"] = [part.about for part in document.parts]
    return row


def rows_of(document: Document, source: str = "") -> Iterator[dict[str, Any]]:
    """The rows of a document.

    The bytes of a file of several pictures are in the row of the first one.

    Args:
        document: It.
        source: The file that it is from.
    """
    row = to_lists(document)
    others = {name: row[name] for name in row if name not in ("texts", "images")}
    base = {"sample_id": document.id}
    if others:
        text = json.dumps(others, ensure_ascii=False, default=str)
        kind = "application/json"
        yield {
            **base,
            "position": -1,
            "modality": "metadata",
            "content_type": kind,
            "text_content": text,
        }
    given = set[int]()
    for place, part in enumerate(document.parts):
        found: dict[str, Any] = {**base, "position": place, "modality": part.kind}
        found["content_type"] = part.content_type or None
        if part.kind == "text":
            yield found | {"text_content": part.text}
            continue
        ref = {"path": source or None, "member": part.name, "frame_index": part.frame}
        data = None if id(part.data) in given else part.data
        given.add(id(part.data))
        yield found | {"binary_content": data, "source_ref": json.dumps(ref, ensure_ascii=False)}


def from_rows(rows: Iterable[dict[str, Any]]) -> Iterator[Document]:
    """Documents of rows; those of a document stand together, in any order.

    Raises:
        ValueError: A row has no id, position or kind that can be used.
    """
    for sample, group in groupby(rows, lambda row: row.get("sample_id")):
        if not isinstance(sample, str):
            raise ValueError("a row has no sample_id")
        yield _of_rows(sample, list(group))


def _of_rows(sample: str, rows: list[dict[str, Any]]) -> Document:
    found = Document(id=sample)
    abouts: list[Any] | None = None
    files: dict[str, bytes] = {}
    for row in sorted(rows, key=lambda row: row["position"]):
        match row["modality"]:
            case "metadata":
                told = json.loads(row.get("text_content") or "{}")
                found.fields |= told if isinstance(told, dict) else {"metadata": told}
                abouts = _list_in(found.fields.get("metadata"))
            case "text" | "table":
                kind = row.get("content_type") or "text/plain"
                text = row.get("text_content") or ""
                found.parts.append(Part(kind="text", text=text, content_type=kind))
            case "image":
                found.parts.append(_of_image_row(row, files))
            case other:
                raise ValueError(f"a row is of the kind {other!r}")
    if abouts is not None and len(abouts) == len(found.parts):
        del found.fields["metadata"]
        for part, about in zip(found.parts, abouts, strict=True):
            part.about = about
    return found


def _of_image_row(row: dict[str, Any], files: dict[str, bytes]) -> Part:
    """A picture; bytes that an earlier row of its document has are its too."""
    ref = json.loads(row.get("source_ref") or "{}")
    name = str(ref.get("member") or ref.get("path") or "")
    data = row.get("binary_content")
    if data is not None and name:
        files[name] = data
    return Part(
        kind="image",
        data=files.get(name) if data is None else data,
        name=name,
        content_type=row.get("content_type") or "",
        frame=ref.get("frame_index"),
    )


def _picture(image: Any, about: Any) -> Part:
    if isinstance(image, str):
        return Part(kind="image", name=image, about=about)
    if isinstance(image, bytes):
        return Part(kind="image", data=image, about=about)
    if isinstance(image, dict) and ("bytes" in image or "path" in image):
        data, name = image.get("bytes"), str(image.get("path") or "")
        return Part(
            kind="image", data=data if isinstance(data, bytes) else None, name=name, about=about
        )
    raise ValueError(f"images holds a {type(image).__name__}")


def _list_in(value: Any) -> list[Any] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, list) else None
