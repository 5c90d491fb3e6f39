import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError
from curator_image.images.duplicates_removal import ImageDuplicatesRemovalStage
from curator_image.task import ImageBatch, ImageObject


def removed(folder, **options):
    stage = ImageDuplicatesRemovalStage(removal_parquets_dir=str(folder), **options)
    stage.setup()
    task = ImageBatch(data=[ImageObject(image_id=each) for each in "abc"])
    kept = [each.image_id for each in stage.process(task).data]
    return kept, stage.take_notes()[1], len(task.data)


def test_listed_pictures_go_and_are_counted(tmp_path):
    pq.write_table(pa.table({"id": ["a", None]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"id": ["c", "x"]}), tmp_path / "2.parquet")
    assert removed(tmp_path) == (["b"], {"duplicate": 2}, 3)


def test_another_column_may_have_the_ids(tmp_path):
    pq.write_table(pa.table({"image": ["b"]}), tmp_path / "1.parquet")
    assert removed(tmp_path, duplicate_id_field="image")[0] == ["a", "c"]


def test_a_folder_without_ids_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no Parquet file in"):
        removed(tmp_path)
    pq.write_table(pa.table({"image": ["b"]}), tmp_path / "1.parquet")
    with pytest.raises(InputError, match="has no column 'id'; there are image"):
        removed(tmp_path)
