"""Lance datasets among files: which folders are some, and how they change."""

import sys

import lance
import pyarrow as pa
import pytest

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.files.lance_datasets import has_versions, is_lance, open_lance, size_and_change
from curator_engine.files.listing import find_files, stamp_of


@pytest.fixture
def dataset(tmp_path):
    return lance.write_dataset(pa.table({"text": ["one", "two"]}), f"{tmp_path}/in/a.lance")


def test_a_folder_is_a_dataset_by_its_name_and_its_versions(tmp_path, dataset):
    assert is_lance(f"{tmp_path}/in/a.lance/")
    assert not is_lance("s3://bucket/a.lance")
    (tmp_path / "other").symlink_to(tmp_path / "in/a.lance")
    assert has_versions(f"{tmp_path}/other")
    assert not is_lance(f"{tmp_path}/other")
    (tmp_path / "b.lance").touch()
    assert not is_lance(f"{tmp_path}/b.lance")


def test_it_stands_in_a_list_as_one_file_and_its_own_files_do_not(tmp_path, dataset):
    for given in (f"{tmp_path}/in", f"{tmp_path}/in/a.lance", f"{tmp_path}/in/*.lance"):
        (found,) = find_files([given], formats=["jsonl", "lance"]).files
        assert found.path.endswith("/in/a.lance")
        assert found.name == "a.lance.parquet"
        assert found.size == size_and_change(found.path)[0] > 0
    with pytest.raises(InputError, match=r"passed over: 1 \.lance"):
        find_files([f"{tmp_path}/in/a.lance/data"], formats=["lance"])


def test_a_new_version_is_a_change(tmp_path, dataset):
    path = f"{tmp_path}/in/a.lance"
    before = stamp_of(path)
    assert stamp_of(path) == before
    dataset.delete("text = 'one'")
    assert stamp_of(path) != before


def test_what_is_no_dataset_is_said_on_a_line(tmp_path, dataset):
    with pytest.raises(InputError, match="is no Lance dataset that can be read: ") as caught:
        open_lance(str(tmp_path))
    assert "/home/" not in str(caught.value)
    with pytest.raises(SettingsError, match="colour"):
        open_lance(dataset.uri, {"colour": "red"})


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lance", None)
    with pytest.raises(ResourceError, match="need the extra 'lance' of curator-text"):
        open_lance("a.lance")
