"""`embeddings/`: a row per document with its vector, and how the vectors were made; written by `embed`, read by `search`."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import PLACE, TableParts, read_documents
from curator_text.semantic.embed_texts import VectorType, numbers_type

EMBEDDINGS = "embeddings"
"""The folder."""
_MADE_BY = b"curator.embedding"


def embeddings_schema(
    embedding_field: str, vector_type: VectorType, dims: int, facts: dict[str, Any]
) -> pa.Schema:
    """The columns of `embeddings/`; the schema's metadata say how the vectors were made.

    Raises:
        SettingsError: The field is called as another column.
    """
    if embedding_field in PLACE:
        raise SettingsError(
            f"--embedding-field {embedding_field} is a column of the result; choose another."
        )
    said = json.dumps({**facts, "field": embedding_field}, sort_keys=True)
    return pa.schema({**PLACE, embedding_field: numbers_type(vector_type, dims)}).with_metadata(
        {_MADE_BY: said.encode()}
    )


def made_by(schema: pa.Schema) -> dict[str, Any] | None:
    """How the vectors of a table were made, with their `field`; None if the table does not say it."""
    said = (schema.metadata or {}).get(_MADE_BY)
    try:
        found: Any = json.loads(said) if said else None
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("field"), str) else None


@dataclass(kw_only=True)
class ListEmbeddings(DecidingStage[FileGroupTask]):
    """Write the part of `embeddings/` of one source task, whose documents are embedded."""

    embedding_field: str = "embeddings"
    vector_type: VectorType = "float32"
    dims: int = 0
    """Numbers of a vector."""
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    """How they were made."""
    folders = (EMBEDDINGS,)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the table; no document goes."""
        corpus = self.corpus()
        mine = corpus.blocks_of(task)
        schema = embeddings_schema(self.embedding_field, self.vector_type, self.dims, self.facts)
        place = join(self.output, EMBEDDINGS, f"part-{mine[0]:05d}.parquet")
        with ExitStack() as stack:
            every = TableParts(place, schema, stack=stack)
            for b in mine:
                rows = read_documents(corpus, b)
                if rows.num_rows:
                    every.add(rows.select(schema.names).cast(schema))
        return self.decided(mine[0], np.empty(0, np.int64), {})
