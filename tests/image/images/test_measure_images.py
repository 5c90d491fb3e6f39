import pytest
from image.drawn_pictures import samples, write_table, write_tar
from image.scenes import encoded, scene

from curator_engine.errors import BudgetExceededError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.small_files import task_of
from curator_image.images.measure_images import MeasureImages
from curator_image.read.images import read_images


def images_of(*paths, **options):
    stage = MeasureImages(**options)
    task = task_of([(str(path), path.name, "") for path in paths])
    found = [image for batch in stage.process(task) for image in batch.data]
    return found, stage.take_notes()[2]


def test_every_picture_has_its_measures_and_its_place(tmp_path):
    tar = write_tar(tmp_path / "a.tar", samples(2))
    images, _ = images_of(tar)
    assert [image.image_path for image in images] == ["a.tar/0000.jpg", "a.tar/0001.jpg"]
    item = images[1].metadata["item"]
    assert (item.about["caption"], item.about["position"], item.scores["width"]) == (
        "caption 1",
        1,
        32,
    )


def test_pixels_are_let_go_unless_they_are_asked_for(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(scene(1)))
    assert images_of(tmp_path / "a.png")[0][0].image_data is None
    assert images_of(tmp_path / "a.png", with_pixels=True)[0][0].image_data.shape == (240, 320, 3)


def test_a_damaged_picture_has_a_row_and_is_rejected(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded(scene(1), "JPEG")[:700])
    images, rejected = images_of(tmp_path / "a.jpg")
    item = images[0].metadata["item"]
    assert (item.drop_stage, len(rejected)) == ("read", 1)
    assert rejected[0].reason == item.drop_reason != ""


def test_ids_are_those_of_the_stored_picture(tmp_path):
    table = write_table(tmp_path / "t.parquet", 3)
    images, _ = images_of(table)
    assert len({image.image_id for image in images}) == 3


def test_an_id_does_not_depend_on_where_the_folder_lies(tmp_path):
    found = []
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        found += images_of(write_tar(tmp_path / folder / "a.tar", samples(1)))[0]
    assert found[0].image_id == found[1].image_id


def test_small_files_of_one_task_are_all_measured(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.png").write_bytes(encoded(scene(ord(name))))
    images, _ = images_of(*sorted(tmp_path.glob("*.png")))
    assert [image.image_path for image in images] == ["a.png", "b.png", "c.png"]


def test_positions_count_as_reading_does(tmp_path):
    tar = write_tar(tmp_path / "a.tar", samples(3))
    stored = [image.sha256 for image in read_images(str(tar))]
    images, _ = images_of(tar)
    assert [i.metadata["item"].about["sha256"] for i in images] == stored


def test_of_two_pictures_one_that_cannot_be_read_is_half(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(scene(1)))
    (tmp_path / "b.png").write_bytes(b"none")
    task = task_of([(str(tmp_path / name), name, "") for name in ("a.png", "b.png")])
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": 0.4})
    with pytest.raises(BudgetExceededError, match="1 of 2 rows cannot be read"):
        Pipeline("measure", stages=[MeasureImages()]).run(executor, [task])
