"""The command `curator-text search`: the documents of a run that are nearest to a text or a document."""

import tempfile
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.commands.cli import Console, JobResult
from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.models.asker import Asking
from curator_engine.report.visible_text import visible
from curator_text.commands.named_documents import meanings
from curator_text.removal.run_folder import RunFolder, open_run
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of
from curator_text.result_settings import SearchSettings
from curator_text.semantic.embedding_tables import EMBEDDINGS
from curator_text.semantic.encoders import ENDPOINT, Encoding
from curator_text.semantic.nearest_documents import VectorTables

_MAX_TEXT_BYTES, _MAX_SCAN_BYTES = 64 << 20, 64 << 20
"""Of a document whose beginning is shown, and of what is read to come to it."""
_SHOWN_CHARS = 80


def run(settings: SearchSettings, console: Console) -> JobResult:
    """Rank the documents by the similarity of their stored vectors to that of the query.

    Raises:
        CuratorError: Not the folder of a run, no vectors, or a query that they do not allow.
    """
    folder = open_run(settings.inputs[0])
    tables = _tables(folder)
    facts = tables.facts()
    found = tables.nearest(_wanted(settings, tables, facts), top=settings.top, where=settings.where)
    texts = _beginnings(folder, found)
    rows = [
        {**row, **({"text": text} if text is not None else {})}
        for row, text in zip(found, texts, strict=True)
    ]
    model = facts["model"] if facts else None
    summary = {"query": settings.like or settings.inputs[1], "model": model, "documents": rows}
    nothing = "no document has a vector, or meets the condition"
    return JobResult(summary=summary, lines=[_line(row) for row in rows] or [nothing])


def _tables(folder: RunFolder) -> VectorTables:
    """The tables of vectors of a run of `embed`, or of one of `semantic` that took such.

    Raises:
        InputError: There are none.
    """
    job, given = folder.record.get("job"), folder.settings.get("precomputed_field")
    if job == "embed":
        field = str(folder.settings.get("embedding_field", "embeddings"))
        if parts := folder.parts(EMBEDDINGS):
            return VectorTables(paths=parts, field=field)
    elif job == "semantic" and given and (parts := folder.parts("data")):
        ids = str(folder.settings.get("id_field") or "id")
        return VectorTables(paths=parts, field=str(given), id_field=ids)
    raise InputError(
        f"{folder.path} holds no vectors to search; make some with curator-text embed, and give that folder, or one "
        f"of semantic --embedding-field that has read {join('OUT', EMBEDDINGS)}."
    )


def _wanted(
    settings: SearchSettings, tables: VectorTables, facts: dict[str, Any] | None
) -> NDArray[np.float32]:
    """What is looked for, as a vector.

    Raises:
        InputError: There is no such document, or it is not known how its text was to become a vector.
    """
    output = settings.inputs[0]
    if settings.like is not None:
        known = list(meanings(settings.like, id_column=tables.id_field))
        vector = tables.vector_of(*known)
        if vector is None:
            raise InputError(
                f"no document {settings.like!r} with a vector in {output}; give an id, or FILE:ROW, rows from 0."
            )
        return vector
    if facts is None:
        raise InputError(
            f"the vectors in {output} do not say what made them, so a text cannot be compared with them; "
            "give a document by --like."
        )
    if not settings.inputs[1].strip():
        raise InputError(
            "the text to look for is empty; give one in quotes, or a document by --like."
        )
    with tempfile.TemporaryDirectory() as journal:
        encoder = _encoding(settings, facts, journal).open()
        try:
            found = encoder.encode(pa.array([settings.inputs[1]]))
        finally:
            encoder.close()
    if found.failed:
        raise InputError(f"{settings.inputs[1]!r} cannot be embedded: {found.failed[0]}")
    return found.matrix[0]


def _encoding(settings: SearchSettings, facts: dict[str, Any], journal: str) -> Encoding:
    """How the stored vectors were made, with what is given anew."""
    model = settings.model or str(facts["model"])
    made = Encoding(model=model, max_chars=facts["max_chars"], device=settings.device)
    if facts["backend"] == ENDPOINT:
        asking = Asking(
            url=str(facts["endpoint"]),
            model=model,
            api_key_env=settings.api_key_env,
            journal=journal,
        )
        return replace(made, asking=asking)
    return replace(made, backend=facts["backend"], pooling=facts["pooling"])


def _beginnings(folder: RunFolder, rows: list[dict[str, Any]]) -> list[str | None]:
    """The beginnings of the documents, of those whose input is there as it was."""
    if folder.record.get("job") != "embed":
        return [None] * len(rows)
    originals = Originals(run=folder, max_bytes=_MAX_TEXT_BYTES, max_scan_bytes=_MAX_SCAN_BYTES)
    has_ids = folder.settings.get("id_field") is not None
    places = [place_of(row if has_ids else {**row, "id": None}) for row in rows]
    texts = [text_or_trouble(originals, place)[0] for place in places]
    return [None if text is None else " ".join(text.split())[:_SHOWN_CHARS] for text in texts]


def _line(row: dict[str, Any]) -> str:
    told = f"{row['similarity']:.4f}  {row['id']}" if "id" in row else f"{row['similarity']:.4f}"
    return visible(f"{told}  {row['text']}" if "text" in row else told)
