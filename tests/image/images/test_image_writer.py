import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import SettingsError
from curator_image.images.image_writer import ImageWriterStage
from curator_image.read.images import read_images
from curator_image.read.picture import open_picture
from curator_image.task import ImageBatch, ImageObject


def batch(count=3):
    images = [
        ImageObject(
            image_path=f"in/{i}.png",
            image_id=f"id{i}",
            image_data=np.full((20, 30, 3), 40 * i, np.uint8),
            metadata={"caption": "a boat", "n": np.int64(i)},
            aesthetic_score=0.5,
        )
        for i in range(count)
    ]
    return ImageBatch(data=images, task_id="0_1")


def test_pictures_are_written_as_jpeg_with_a_table_beside_each_tar(tmp_path):
    files = ImageWriterStage(output_dir=str(tmp_path), images_per_tar=2).process(batch()).data
    assert [Path(each).suffix for each in files] == [".tar", ".tar", ".parquet", ".parquet"]
    pictures = [each for tar in files[:2] for each in read_images(tar)]
    assert [each.key for each in pictures] == ["id0", "id1", "id2"]
    assert [open_picture(each.data).format for each in pictures] == ["JPEG"] * 3
    assert abs(int(open_picture(pictures[2].data).rgb[3, 3, 0]) - 80) < 4
    row = pq.read_table(files[3]).to_pylist()[0]
    assert (row["image_id"], row["tar_file"], row["member_name"]) == ("id2", files[1], "id2.jpg")
    assert (row["original_path"], row["aesthetic_score"]) == ("in/2.png", 0.5)
    assert json.loads(row["metadata"]) == {"caption": "a boat", "n": 2}


def test_the_same_batch_gives_the_same_files(tmp_path):
    made = [
        ImageWriterStage(output_dir=str(tmp_path / each)).process(batch()).data for each in "ab"
    ]
    assert [Path(p).name for p in made[0]] == [Path(p).name for p in made[1]]
    assert Path(made[0][0]).read_bytes() == Path(made[1][0]).read_bytes()
    other = (
        ImageWriterStage(output_dir=str(tmp_path / "c"), deterministic_name=False)
        .process(batch())
        .data
    )
    assert Path(other[0]).name != Path(made[0][0]).name


def test_pixels_may_be_let_go(tmp_path):
    task = batch()
    ImageWriterStage(output_dir=str(tmp_path)).process(task)
    assert task.data[0].image_data is not None
    ImageWriterStage(output_dir=str(tmp_path), remove_image_data=True).process(task)
    assert task.data[0].image_data is None


def test_an_id_does_not_lead_out_of_the_tar(tmp_path):
    task = batch(1)
    task.data[0].image_id = "../../etc/a.b"
    [tar, _] = ImageWriterStage(output_dir=str(tmp_path)).process(task).data
    [found] = read_images(tar)
    assert not found.problem
    assert "." not in found.key


def test_pictures_without_pixels_are_an_error_and_leave_no_tar(tmp_path):
    task = batch()
    task.data[2].image_data = None
    with pytest.raises(SettingsError, match=r"in/2.png has no pixels to write"):
        ImageWriterStage(output_dir=str(tmp_path)).process(task)
    assert list(tmp_path.iterdir()) == []
