"""NeMo Curator's base classes of stages on rows of documents."""

import pytest
from interleaved_toys import picture

from curator_text.interleaved.batch_stages import (
    BaseInterleavedAnnotatorStage,
    BaseInterleavedFilterStage,
    InterleavedAspectRatioFilterStage,
)
from curator_text.interleaved.batch_tables import table_of
from curator_text.interleaved.documents import InterleavedBatch


class LongTexts(BaseInterleavedFilterStage):
    """Drops texts of fewer than five characters."""

    def content_keep_mask(self, task, df):
        return (df["modality"] != "text") | (df["text_content"].str.len() >= 5)


class Lengths(BaseInterleavedAnnotatorStage):
    """Adds a column."""

    def annotate(self, task, df):
        return df.assign(chars=df["text_content"].str.len())


def batch(*rows):
    names = ("sample_id", "position", "modality", "text_content", "binary_content")
    return InterleavedBatch(data=table_of([dict(zip(names, row, strict=False)) for row in rows]))


def test_positions_are_counted_again_and_metadata_without_content_goes():
    given = batch(
        ("b", -1, "metadata", "{}"),
        ("b", 0, "text", "tiny"),
        ("b", 1, "text", "longer"),
        ("a", -1, "metadata", "{}"),
        ("a", 0, "text", "tiny"),
    )
    stage = LongTexts()
    found = stage.process(given)
    assert found is not None
    rows = [(row["sample_id"], row["position"]) for row in found.data.to_pylist()]
    assert rows == [("b", -1), ("b", 0)]
    assert stage.take_notes()[1] == {"base_interleaved_filter": 2}
    assert stage.process(batch(("a", 0, "text", "tiny"))) is None


@pytest.mark.parametrize(("drops", "left"), [(True, 1), (False, 3)])
def test_rows_of_no_document_go_if_it_is_wished(drops, left):
    given = batch(
        ("a", 0, "text", "longer"), ("a", -1, "text", "longer"), ("a", 1, "sound", "longer")
    )
    found = LongTexts(drop_invalid_rows=drops).process(given)
    assert found is not None
    assert found.num_items == left


def test_a_column_can_be_added():
    found = Lengths().process(batch(("a", 0, "text", "four"), ("a", 1, "image")))
    assert found.data.column("chars").to_pylist() == [4, None]
    assert found.data.schema.field("position").type == "int32"


def test_pictures_of_another_shape_go_and_so_do_those_that_cannot_be_read():
    given = batch(
        ("a", 0, "image", None, picture(200, 100)),
        ("a", 1, "image", None, picture(201, 100)),
        ("a", 2, "image", None, b"no picture"),
        ("a", 3, "image"),
    )
    stage = InterleavedAspectRatioFilterStage()
    found = stage.process(given)
    stage.teardown()
    assert found.data.column("binary_content").to_pylist() == [picture(200, 100)]
