import pytest

from curator_engine.errors import InputError
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE, FINGERPRINTS
from curator_image.images.print_index import (
    add_to_index,
    forget_in_index,
    index_files,
    is_index,
)


def prints(*ids):
    table = FINGERPRINTS.empty_table()
    rows = [dict.fromkeys(FINGERPRINTS.names) | {"uuid": each} for each in ids]
    return type(table).from_pylist(rows, FINGERPRINTS)


def ids(folder, **options):
    files = index_files(str(folder), **options)
    return [
        each for file in files for each in FINGERPRINT_FILE.read(file).column("uuid").to_pylist()
    ]


def test_runs_add_what_they_kept(tmp_path):
    assert not is_index(str(tmp_path))
    assert add_to_index(str(tmp_path), "one", prints("a", "b"), {"a"}) == 1
    assert add_to_index(str(tmp_path), "two", prints("c", "d"), {"c", "d"}) == 3
    assert ids(tmp_path) == ["a", "c", "d"]
    assert ids(tmp_path, but="two") == ["a"]


def test_a_run_takes_the_place_of_its_own_part(tmp_path):
    add_to_index(str(tmp_path), "one", prints("a", "b"), {"a"})
    assert add_to_index(str(tmp_path), "one", prints("a", "b"), {"b"}) == 1
    assert ids(tmp_path) == ["b"]


def test_pictures_are_taken_out_of_all_parts(tmp_path):
    add_to_index(str(tmp_path), "one", prints("a", "b"), {"a", "b"})
    add_to_index(str(tmp_path), "two", prints("b", "c"), {"b", "c"})
    assert forget_in_index(str(tmp_path), {"b", "x"}, dry_run=True) == ({"b"}, 2)
    assert ids(tmp_path) == ["a", "b", "b", "c"]
    assert forget_in_index(str(tmp_path), {"b", "x"}) == ({"b"}, 2)
    assert ids(tmp_path) == ["a", "c"]
    # An index whose counts an interrupted call has left behind is mended by the next one.
    assert forget_in_index(str(tmp_path), {"b"}) == (set(), 0)
    assert add_to_index(str(tmp_path), "three", prints("d"), {"d"}) == 3


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2, "parts": {}}'])
def test_what_is_no_index_is_told(tmp_path, text):
    with pytest.raises(InputError, match=r"holds no index\.json"):
        index_files(str(tmp_path))
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(InputError, match="make a new index"):
        index_files(str(tmp_path))
