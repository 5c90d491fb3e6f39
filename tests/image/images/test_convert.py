import numpy as np
import pytest

from curator_engine.errors import SettingsError
from curator_image.images.convert import ConvertImageBatchToDocumentBatchStage
from curator_image.task import ImageBatch, ImageObject

BATCH = ImageBatch(
    data=[
        ImageObject(image_id=each, metadata={"caption": "a boat"}, embedding=np.ones(2, np.float32))
        for each in "ab"
    ]
)


def convert(*fields):
    return (
        ConvertImageBatchToDocumentBatchStage(fields=list(fields)).process(BATCH).data.to_pydict()
    )


def test_ids_become_a_column():
    assert convert() == {"image_id": ["a", "b"]}


def test_fields_and_metadata_become_columns():
    assert convert("image_id", "embedding", "caption", "nsfw_score") == {
        "image_id": ["a", "b"],
        "embedding": [[1.0, 1.0]] * 2,
        "caption": ["a boat"] * 2,
        "nsfw_score": [None, None],
    }


def test_a_field_that_pictures_do_not_have_is_an_error():
    with pytest.raises(SettingsError, match="pictures have no field 'text'; there are"):
        convert("text")
