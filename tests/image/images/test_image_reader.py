import numpy as np
import pytest
from image.drawn_pictures import picture, samples, write_tar
from PIL import Image

from curator_engine.errors import BudgetExceededError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.small_files import task_of
from curator_engine.task import FileGroupTask
from curator_image.images.image_reader import ImageReaderStage


def read(*paths, **options):
    stage = ImageReaderStage(**options)
    names = {"names": list(map(str, paths)), "stamps": [""] * len(paths), "file_index": 0}
    batches = list(stage.process(FileGroupTask(data=list(map(str, paths)), _metadata=names)))
    return batches, stage.take_notes()


def test_pictures_come_in_batches_at_their_own_size_with_keys_and_captions(tmp_path):
    path = write_tar(tmp_path / "s.tar", [*samples(), ("x.png", picture(5, "PNG", (900, 700)))])
    batches, _ = read(path, dali_batch_size=3)
    assert [len(each.data) for each in batches] == [3, 1]
    first, last = batches[0].data[0], batches[1].data[0]
    assert (first.metadata, first.image_path) == (
        {"number": 0, "key": "0000", "caption": "caption 0"},
        f"{path}/0000.jpg",
    )
    assert last.image_data.shape == (700, 900, 3)
    assert np.asarray(last.image_data)[0, 0].tolist() == [5, 250, 9]


def test_a_turned_picture_is_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a.jpg").write_bytes(picture(exif=exif))
    [batch], _ = read(tmp_path / "a.jpg")
    assert batch.data[0].image_data.shape == (32, 24, 3)


def test_what_cannot_be_decoded_goes_to_quarantine_and_the_rest_is_read(tmp_path):
    path = write_tar(tmp_path / "s.tar", [("a.jpg", b"no"), ("b.jpg", picture())])
    [batch], (_, _, rejected) = read(path)
    assert len(batch.data) == 1
    assert [(each.file, each.rest) for each in rejected] == [(f"{path}/a.jpg", False)]


def test_ids_are_unique_over_files(tmp_path):
    paths = [write_tar(tmp_path / name, samples(2)) for name in ("a.tar", "b.tar")]
    [batch], _ = read(*paths)
    assert len({each.image_id for each in batch.data}) == 4
    assert all(each.image_data.dtype == np.uint8 for each in batch.data)


def test_of_two_pictures_one_that_cannot_be_read_is_half(tmp_path):
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"none")
    task = task_of([(str(tmp_path / name), name, "") for name in ("a.png", "b.png")])
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": 0.4})
    with pytest.raises(BudgetExceededError, match="1 of 2 rows cannot be read"):
        Pipeline("read", stages=[ImageReaderStage()]).run(executor, [task])
