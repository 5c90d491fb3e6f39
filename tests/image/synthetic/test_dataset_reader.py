"""Data sets as Hugging Face's package writes them, and folders of pictures."""

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from curator_engine.errors import InputError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask
from curator_image.synthetic.dataset_reader import HFDatasetImageReaderStage
from curator_image.synthetic.ocr_data import OCRData


def encoded(number, kind="JPEG"):
    file = io.BytesIO()
    Image.fromarray(np.full((8, 12, 3), 20 * number, np.uint8)).save(file, kind)
    return file.getvalue()


def table(*numbers, **columns):
    pictures = [{"bytes": encoded(i), "path": f"{i}.jpg"} for i in numbers]
    return pa.table({"image": pictures, "question": ["?"] * len(numbers), **columns})


def reader(source, folder, **options):
    return HFDatasetImageReaderStage(dataset_name=str(source), image_dir=folder, **options)


def read(source, folder, **options):
    stage = reader(source, folder, **options)
    pipeline = Pipeline("read", stages=[stage])
    tasks = pipeline.run(LocalExecutor(), run_dir=f"{folder}-run")
    rejected = [path.read_text() for path in Path(f"{folder}-run/quarantine").rglob("*.jsonl")]
    return [task.data for task in tasks], "".join(rejected)


@pytest.fixture
def parquet(tmp_path):
    """A copy of a data set of the hub with two splits."""
    source = tmp_path / "photos/data"
    source.mkdir(parents=True)
    pq.write_table(table(0, 1), source / "train-00000-of-00002.parquet")
    pq.write_table(table(2), source / "train-00001-of-00002.parquet")
    pq.write_table(table(3), source / "test-00000-of-00001.parquet")
    return source.parent


def test_the_pictures_of_a_split_keep_their_bytes(parquet, tmp_path):
    found, _ = read(parquet, tmp_path / "out", task_type=OCRData)
    assert [each.image_id for each in found] == ["000000", "000001", "000002"]
    assert [each.image_path.read_bytes() for each in found] == [encoded(i) for i in range(3)]
    assert all(type(each) is OCRData for each in found)
    assert len(read(parquet, tmp_path / "test", split="test")[0]) == 1


def test_a_second_run_takes_what_is_there_and_no_more_than_the_limit(parquet, tmp_path):
    read(parquet, tmp_path / "out")
    path = tmp_path / "out/000000.jpg"
    before = path.stat().st_mtime_ns
    assert len(read(parquet, tmp_path / "out", limit=2)[0]) == 2
    assert path.stat().st_mtime_ns == before


def test_another_picture_of_the_same_name_is_an_input_error(parquet, tmp_path):
    read(parquet, tmp_path / "out")
    with pytest.raises(InputError, match=r"000000\.jpg is another picture"):
        list(reader(parquet, tmp_path / "out", split="test").process(EmptyTask()))


def test_of_rows_with_one_id_the_first_counts_and_an_id_leads_nowhere(tmp_path):
    pq.write_table(table(0, 1, 2, image_key=["a", "a", "../b"]), tmp_path / "x.parquet")
    found, _ = read(tmp_path / "x.parquet", tmp_path / "out/below", id_column="image_key")
    assert [each.image_id for each in found] == ["a", "../b"]
    assert all(each.image_path.parent == tmp_path / "out/below" for each in found)


def test_what_save_to_disk_writes(tmp_path):
    source = tmp_path / "saved"
    (source / "train").mkdir(parents=True)
    (source / "dataset_dict.json").write_text(json.dumps({"splits": ["train"]}))
    (source / "train/state.json").write_text(
        json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]})
    )
    path = str(source / "train/data-00000-of-00001.arrow")
    with pa.OSFile(path, "wb") as file, pa.ipc.new_stream(file, table(0).schema) as stream:
        stream.write_table(table(0, 1))
    assert len(read(source, tmp_path / "a")[0]) == 2
    assert len(read(source / "train", tmp_path / "b")[0]) == 2
    with pytest.raises(InputError, match="has no split 'test'; there are train"):
        list(reader(source, tmp_path / "c", split="test").process(EmptyTask()))


def test_a_folder_of_pictures_of_which_a_damaged_one_goes_to_quarantine(tmp_path):
    source = tmp_path / "photos"
    source.mkdir()
    (source / "a.png").write_bytes(encoded(3, "PNG"))
    (source / "b.jpg").write_bytes(encoded(4)[:200])
    (source / "c.jpg").write_bytes(encoded(5))
    found, rejected = read(source, tmp_path / "out")
    assert [each.image_id for each in found] == ["000000", "000002"]
    with Image.open(found[0].image_path) as image:
        assert (image.format, image.size) == ("JPEG", (12, 8))
    assert "b.jpg" in rejected


def test_paths_in_a_table_are_beside_it(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded(1))
    pq.write_table(pa.table({"photo": ["a.jpg", "gone.jpg"]}), tmp_path / "x.parquet")
    found, rejected = read(tmp_path / "x.parquet", tmp_path / "out", image_column="photo")
    assert [each.image_path.read_bytes() for each in found] == [encoded(1)]
    assert "no file 'gone.jpg'" in rejected


def test_a_column_that_is_not_there_and_a_limit_of_nothing_are_said(parquet, tmp_path):
    stage = reader(parquet, tmp_path / "out", image_column="photo")
    with pytest.raises(InputError, match="has no column 'photo'; there are image, question"):
        list(stage.process(EmptyTask()))
    with pytest.raises(SettingsError, match="limit of at least 1"):
        reader(parquet, tmp_path / "out", limit=0)


def test_pictures_are_not_written_among_those_that_are_read(parquet):
    with pytest.raises(InputError, match="overlap"):
        list(reader(parquet, parquet / "out").process(EmptyTask()))
