from pathlib import Path

import pytest
from image.drawn_pictures import picture, samples, write_table, write_tar
from image.images import marks
from image.images.marks import write

from curator_engine.errors import InputError, SettingsError
from curator_image.images.write_images import WriteImages


def everything(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in Path(folder).rglob("*")
        if path.is_file()
    }


def fill(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(picture())
    write_tar(tmp_path / "in/s.tar.gz", samples(), "w:gz")
    write_table(tmp_path / "in/t.parquet")


@pytest.mark.parametrize("output_format", ["as-input", "webdataset", "parquet"])
def test_the_same_pictures_give_the_same_files_again(tmp_path, output_format):
    fill(tmp_path)

    def keeps(stored):
        return stored.key != "0001"

    first = write(tmp_path, keeps=keeps, output_format=output_format)
    made = everything(tmp_path / "out")
    assert write(tmp_path, keeps=keeps, output_format=output_format) == first
    assert everything(tmp_path / "out") == made


@pytest.mark.parametrize("output_format", ["as-input", "webdataset", "parquet"])
def test_what_was_stopped_leaves_no_half_file_and_is_the_same_when_it_is_done_again(
    tmp_path, output_format
):
    fill(tmp_path)
    write(tmp_path, output="whole", output_format=output_format)
    copied = []

    class Stopped(WriteImages):
        def _told(self, placed):
            copied.append(placed)
            if len(copied) == 3:
                raise KeyboardInterrupt
            return super()._told(placed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marks, "WriteImages", Stopped)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path, output_format=output_format)
    whole = everything(tmp_path / "whole")
    half = everything(tmp_path / "out") if (tmp_path / "out").exists() else {}
    assert half.items() < whole.items()
    write(tmp_path, output_format=output_format)
    assert everything(tmp_path / "out") == whole


def test_the_input_is_not_touched(tmp_path):
    fill(tmp_path)
    before = everything(tmp_path / "in")
    write(tmp_path)
    assert everything(tmp_path / "in") == before


def test_a_file_that_has_changed_since_is_an_error_and_leaves_no_part(tmp_path, monkeypatch):
    fill(tmp_path)
    real = marks.task_of

    def later(places):
        write_tar(tmp_path / "in/s.tar.gz", samples(1), "w:gz")
        return real(places)

    monkeypatch.setattr(marks, "task_of", later)
    with pytest.raises(InputError, match="has changed during the run; run again"):
        write(tmp_path)
    assert not (tmp_path / "parts").exists()


def test_numbers_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="at least 1"):
        WriteImages(marks="m", output="o", parts="p", images_per_file=0)
