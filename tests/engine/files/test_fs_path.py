import fsspec
import pytest

from curator_engine.files.fs_path import FSPath


@pytest.mark.parametrize("size", [0, 1, 10, 25])
def test_a_file_is_read_in_parts(size):
    fs = fsspec.filesystem("memory")
    data = bytes(range(size))
    path = FSPath(fs, f"/parts-{size}.bin")
    with path.open("wb") as file:
        file.write(data)
    assert path.get_bytes_cat_ranges(part_size=10) == data
    assert path.as_posix() == f"memory:///parts-{size}.bin"


def test_a_local_path_has_no_protocol(tmp_path):
    (tmp_path / "a.bin").write_bytes(b"x")
    path = FSPath(fsspec.filesystem("file"), str(tmp_path / "a.bin"))
    assert path.as_posix() == str(path) == str(tmp_path / "a.bin")
    assert repr(path) == f"FSPath({tmp_path / 'a.bin'})"
    assert path.get_bytes_cat_ranges() == b"x"
