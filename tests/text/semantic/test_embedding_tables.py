"""What a table of vectors says of how they were made."""

from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.semantic.embedding_tables import embeddings_schema, made_by


def test_the_schema_says_how_the_vectors_were_made():
    schema = embeddings_schema("v", "float16", 3, {"model": "tiny"})
    assert schema.field("v").type == pa.list_(pa.float16(), 3)
    assert made_by(schema) == {"model": "tiny", "field": "v"}


@pytest.mark.parametrize("said", [None, b"{bad", b"[]", b"{}"])
def test_other_tables_do_not(said):
    metadata: Any = None if said is None else {b"curator.embedding": said}
    assert made_by(pa.schema({"v": pa.int64()}, metadata=metadata)) is None


def test_a_field_of_places_is_refused():
    with pytest.raises(SettingsError, match="--embedding-field row is a column of the result"):
        embeddings_schema("row", "float32", 3, {})
