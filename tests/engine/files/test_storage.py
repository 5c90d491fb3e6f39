"""Files here and on an object store: found in order, written whole or not at all."""

from pathlib import Path

import pytest

from curator_engine.errors import StorageError
from curator_engine.files import manifest, storage
from curator_engine.files.output_folder import take


@pytest.fixture(params=["local", "s3"])
def folder(request, tmp_path):
    """A fresh folder, here and on S3."""
    if request.param == "local":
        return str(tmp_path)
    root = request.getfixturevalue("bucket")
    return f"{root}/{tmp_path.name}-{abs(hash(str(tmp_path)))}"


def test_a_written_file_is_read_back(folder):
    storage.write_atomic(f"{folder}/a/b.txt", b"data")
    assert storage.read_bytes(f"{folder}/a/b.txt") == b"data"


def test_other_files_of_a_folder_go(folder):
    with take(folder, job="test"):
        for name in "abc":
            storage.write_atomic(f"{folder}/parts/{name}", b"x")
        storage.remove_others(f"{folder}/parts", {f"{folder}/parts/b"})
    assert storage.list_names(f"{folder}/parts") == ["b"]


def test_a_failed_write_leaves_nothing(folder):
    with pytest.raises(RuntimeError), storage.open_atomic(f"{folder}/x/a.txt") as file:
        file.write(b"half")
        raise RuntimeError
    assert storage.list_names(f"{folder}/x") == []


def test_a_failed_write_leaves_the_old_file(folder):
    storage.write_atomic(f"{folder}/a.txt", b"old")
    with pytest.raises(RuntimeError), storage.open_atomic(f"{folder}/a.txt") as file:
        file.write(b"half")
        raise RuntimeError
    assert storage.read_bytes(f"{folder}/a.txt") == b"old"


def test_what_a_killed_process_was_writing_is_removed(ours):
    storage.write_atomic(f"{ours}/a/x.7.tmp", b"1")
    for whole in ("x.json", "a/y.mp4"):
        storage.write_atomic(f"{ours}/{whole}", b"1")
        Path(f"{ours}/{whole}.4711.curator.tmp").touch()
    manifest.note_folder(f"{ours}/a/track")
    Path(f"{ours}/a/track.23.curator.tmp").mkdir()
    Path(f"{ours}/a/track.23.curator.tmp/frames.npy").touch()
    storage.remove_unfinished(ours)
    assert storage.list_names(ours) == ["x.json"]
    assert storage.list_names(f"{ours}/a") == ["x.7.tmp", "y.mp4"]
    assert storage.list_folders(f"{ours}/a") == []


def test_a_file_has_the_name_of_what_is_unfinished_until_it_is_complete(tmp):
    with storage.open_atomic(f"{tmp}/a.txt") as file:
        file.write(b"half")
        storage.remove_unfinished(f"{tmp}/elsewhere")
        assert storage.list_names(tmp) == [storage.unfinished(Path(tmp, "a.txt")).name]


def test_files_and_folders_are_listed_apart(folder):
    storage.write_atomic(f"{folder}/x/b.txt", b"1")
    storage.write_atomic(f"{folder}/x/a.txt", b"1")
    storage.write_atomic(f"{folder}/x/sub/c.txt", b"1")
    assert storage.list_names(f"{folder}/x") == ["a.txt", "b.txt"]
    assert storage.list_folders(f"{folder}/x") == ["sub"]


def test_an_absent_folder_is_empty(folder):
    assert storage.list_names(f"{folder}/nowhere") == []


def test_removing_what_is_gone_is_no_error(folder):
    storage.remove(f"{folder}/nothing.txt")
    storage.remove_tree(f"{folder}/nothing")
    assert not storage.exists(f"{folder}/nothing")


def test_a_tree_is_removed(folder):
    with take(folder, job="test"):
        storage.write_atomic(f"{folder}/x/y/z.txt", b"1")
        storage.remove_tree(f"{folder}/x")
    assert not storage.exists(f"{folder}/x")


def test_reading_a_missing_file_is_a_storage_error(tmp):
    with pytest.raises(StorageError, match="No such file or directory while reading"):
        storage.read_bytes(f"{tmp}/nothing")


def test_writing_under_a_file_is_a_storage_error(tmp):
    Path(tmp, "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageError, match="while writing"):
        storage.write_atomic(f"{tmp}/file/below", b"x")


def test_a_full_disk_is_one_line_and_leaves_nothing(small_disk):
    with pytest.raises(
        StorageError, match=r"disk full while writing .*big; free space and run again with --resume"
    ):
        storage.write_atomic(f"{small_disk}/big", b"x" * (4 << 20))
    assert storage.list_names(small_disk) == []


@pytest.mark.parametrize("name", ["plain", "plain/below"])
def test_a_folder_that_is_a_file_is_one_line(name, tmp_path):
    (tmp_path / "plain").touch()
    with pytest.raises(StorageError, match="is a file, or lies below one; choose another folder"):
        storage.list_names(str(tmp_path / name))


def test_a_folder_with_the_scheme_of_local_files_is_made(tmp):
    storage.write_atomic(f"file://{tmp}/new/folder/a", b"1")
    assert storage.read_bytes(f"{tmp}/new/folder/a") == b"1"


def test_a_name_of_full_length_can_be_written(tmp):
    name = "漢" * 83 + ".jsonl"
    storage.write_atomic(f"{tmp}/{name}", b"1")
    assert storage.list_names(tmp) == [name]


def test_remote_storage_without_credentials_is_one_line(bucket, monkeypatch):
    import s3fs

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    s3fs.S3FileSystem.clear_instance_cache()
    for call in (storage.list_names, storage.remove_tree, storage.read_bytes):
        with pytest.raises(StorageError, match=r"no credentials .*; set them \(for S3"):
            call(f"{bucket}/x")
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.parametrize(("deep", "left"), [(False, {"a", "b/c", "b/d"}), (True, {"a", "b/c"})])
def test_what_nothing_stands_for_goes(ours, deep, left):
    for name in ("a", "x", "b/c", "b/d"):
        with storage.open_atomic(f"{ours}/{name}") as file:
            file.write(b"1")
    storage.remove_others(ours, {f"{ours}/a", f"{ours}/b/c"}, deep=deep)
    there = {str(path.relative_to(ours)) for path in Path(ours).rglob("*") if path.is_file()}
    assert {name for name in there if not name.startswith(".")} == left


def test_a_second_name_is_given_again_and_leaves_nothing_beside_it(tmp_path):
    source, name = tmp_path / "a", tmp_path / "new" / "b"
    source.write_bytes(b"sound")
    for _ in range(2):
        storage.link_or_copy(str(source), str(name))
    assert (source.read_bytes(), name.read_bytes()) == (b"sound", b"sound")
    assert [path.name for path in name.parent.iterdir()] == ["b"]
