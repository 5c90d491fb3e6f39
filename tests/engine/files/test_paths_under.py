"""Paths under a folder, as NeMo Curator's scripts ask for them."""

from pathlib import Path

import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.files import paths_under
from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic


@pytest.fixture
def folder(tmp_path):
    for name in ("b.jsonl", "a.JSONL", "c.txt", "below/d.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x" * len(name), encoding="utf-8")
    return tmp_path


def names(paths, folder):
    return [str(Path(path).relative_to(folder)) for path in paths]


def test_the_files_in_a_folder_are_sorted(folder):
    assert names(paths_under.get_all_file_paths_under(str(folder)), folder) == [
        "a.JSONL",
        "b.jsonl",
        "c.txt",
    ]


def test_endings_count_with_and_without_a_dot_in_any_case(folder):
    for endings in ("jsonl", [".jsonl"]):
        found = paths_under.get_all_file_paths_under(
            str(folder), recurse_subdirectories=True, keep_extensions=endings
        )
        assert names(found, folder) == ["a.JSONL", "b.jsonl", "below/d.jsonl"]


def test_sizes_come_with_the_smallest_first(folder):
    found = paths_under.get_all_file_paths_and_size_under(str(folder))
    assert [size for _, size in found] == [5, 7, 7]


def test_what_is_not_there_has_no_files(folder):
    assert paths_under.get_all_file_paths_under(str(folder / "none")) == []


def test_urls_stay_urls():
    import fsspec

    fsspec.filesystem("memory").pipe("/under/a.jsonl", b"1")
    found = paths_under.get_all_file_paths_and_size_under("memory://under")
    assert found == [("memory:///under/a.jsonl", 1)]


def test_our_own_notes_are_no_files(ours):
    write_atomic(f"{ours}/x.jsonl", b"1")
    found = paths_under.get_all_file_paths_under(ours, recurse_subdirectories=True)
    assert found == [f"{ours}/x.jsonl"]


def test_a_folder_of_others_is_not_deleted(folder):
    with pytest.raises(InputError, match="which we did not write, so nothing is removed"):
        paths_under.create_or_overwrite_dir(str(folder))
    assert len(list(folder.iterdir())) == 4


def test_what_we_wrote_is_deleted(tmp):
    with take(f"{tmp}/out", job="test", mode="share"):
        write_atomic(f"{tmp}/out/x", b"1")
    paths_under.create_or_overwrite_dir(f"{tmp}/out")
    assert not paths_under.get_all_file_paths_under(f"{tmp}/out")
    assert Path(tmp, "out").is_dir()


def test_whether_a_folder_is_empty(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    asked = (str(folder), str(tmp_path / "empty"), str(tmp_path / "none"))
    assert [paths_under.is_not_empty(path) for path in asked] == [True, False, False]
    with pytest.raises(SettingsError, match="not both"):
        paths_under.is_not_empty(str(folder), fs=object(), storage_options={})


def test_files_by_their_endings():
    assert paths_under.filter_files_by_extension(["b.x", "a.y", "c.z"], ["x", ".z"]) == [
        "b.x",
        "c.z",
    ]


def test_the_scheme_of_paths():
    assert paths_under.infer_protocol_from_paths(["a", "file:///b", "s3://c"]) == "s3"
    assert paths_under.infer_protocol_from_paths(["a", "/b"]) is None


def test_keys_that_must_not_be_given(caplog):
    with pytest.raises(SettingsError, match="not offered: a, b"):
        paths_under.check_disallowed_kwargs({"b": 1, "a": 2, "c": 3}, ["a", "b"])
    paths_under.check_disallowed_kwargs({"a": 1}, ["a"], raise_error=False)
    assert "not offered: a" in caplog.text
