import pyarrow as pa
import pytest
from image.drawn_pictures import samples, write_tar

from curator_engine.errors import InputError
from curator_image.images.originals import Originals
from curator_image.read.images import read_images


def rows_of(path):
    return pa.Table.from_pylist(
        [
            {"uuid": str(at), "file": path, "position": at, "sha256": image.sha256}
            for at, image in enumerate(read_images(path))
        ]
    )


@pytest.fixture
def tar(tmp_path):
    return str(write_tar(tmp_path / "a.tar", samples(3)))


def test_pictures_are_found_in_any_order(tar):
    originals = Originals(rows_of(tar))
    stored = [image.data for image in read_images(tar)]
    assert [originals(each) for each in ("2", "0", "1", "1")] == [stored[k] for k in (2, 0, 1, 1)]


def test_a_file_that_has_changed_is_refused(tar):
    originals = Originals(rows_of(tar))
    write_tar(tar, list(samples(4))[3:])
    with pytest.raises(InputError, match="has changed since"):
        originals("0")
