"""Whose trouble an error is: the environment's ends a run, that of one file costs the file only."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from conftest import RAY
from toys import Add, Numbers

from curator_engine.errors import StorageError, UnreadableFileError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.storage import input_errors, read_bytes, storage_errors, write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stages.jsonl_files import JsonlReader
from curator_engine.task import FileGroupTask, Task

ENVIRONMENT = ("ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "EIO", "ESTALE", "EROFS", "ENETUNREACH")
ONE_FILE = ("EACCES", "EPERM", "ENOENT", "EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG")


def numbered(name):
    number = getattr(errno, name)
    return OSError(number, os.strerror(number), "/some/where")


class Raise(Add):
    """A stage that fails on one number with an error from below."""

    def __init__(self, error, cause=None):
        self.error, self.cause = error, cause

    def process(self, task):
        if task.data == 7:
            raise self.error from self.cause
        return super().process(task)


def run_stage(stage, **options):
    pipeline = Pipeline("p", stages=[Numbers(), stage])
    pipeline.run(LocalExecutor(options))
    return pipeline.last_run


@pytest.mark.parametrize("policy", ["raise", "skip", "quarantine"])
@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_environment_that_fails_ends_the_run_under_every_policy(name, policy):
    with pytest.raises(StorageError, match=r"/some/where; .* and run again with --resume"):
        run_stage(Raise(numbered(name)), on_error=policy, retries=2)


@pytest.mark.parametrize("name", ONE_FILE)
def test_what_a_stage_may_not_open_is_its_task_s_failure(name):
    report = run_stage(Raise(numbered(name)), on_error="skip")
    assert [failure.task_id for failure in report.failures] == ["0_7"]


def test_what_an_error_was_raised_from_tells_whose_trouble_it_is():
    with pytest.raises(StorageError, match="disk full"):
        run_stage(Raise(ValueError("no table"), numbered("ENOSPC")), on_error="skip")


def test_a_host_that_is_down_is_the_task_s_trouble_in_a_stage_that_asks_it():
    report = run_stage(Raise(ConnectionRefusedError(111, "Connection refused")), on_error="skip")
    assert len(report.failures) == 1


@pytest.mark.parametrize("name", [*ENVIRONMENT, "ECONNRESET", "ETIMEDOUT", "EBUSY"])
def test_reading_the_input_in_a_failing_environment_blames_no_file(name):
    with pytest.raises(StorageError), input_errors("in/a.jsonl"):
        raise numbered(name)


@pytest.mark.parametrize("name", ONE_FILE)
def test_a_file_that_may_not_be_read_is_named_with_the_reason(name):
    reason = os.strerror(getattr(errno, name))
    with (
        pytest.raises(UnreadableFileError, match=f"^{reason} while reading in/a.jsonl"),
        input_errors("in/a.jsonl"),
    ):
        raise numbered(name)


@pytest.mark.parametrize("name", [*ENVIRONMENT, *ONE_FILE])
def test_whatever_hinders_writing_is_the_environment(name):
    with (
        pytest.raises(StorageError, match="while writing out/a"),
        storage_errors("out/a", "writing"),
    ):
        raise numbered(name)


def test_remote_storage_without_credentials_says_what_to_do():
    from botocore.exceptions import NoCredentialsError

    with (
        pytest.raises(StorageError, match=r"no credentials \(.*\) while .*; set them \(.*AWS_"),
        input_errors("s3://b/a.jsonl"),
    ):
        raise NoCredentialsError


def test_remote_storage_that_cannot_be_reached_says_what_to_do():
    from botocore.exceptions import EndpointConnectionError

    with (
        pytest.raises(StorageError, match=r"no connection \(.*\) while .*; check the network"),
        input_errors("s3://b/a.jsonl"),
    ):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDenied", UnreadableFileError),
        ("NoSuchKey", UnreadableFileError),
        ("ExpiredToken", StorageError),
        ("InvalidAccessKeyId", StorageError),
        ("SlowDown", StorageError),
        ("InternalError", StorageError),
    ],
)
def test_the_codes_of_s3_tell_who_is_to_blame(code, kind):
    from botocore.exceptions import ClientError
    from s3fs.errors import translate_boto_error

    answer = ClientError({"Error": {"Code": code, "Message": "no"}}, "GetObject")
    with pytest.raises(kind), input_errors("s3://b/a.jsonl"):
        raise translate_boto_error(answer)


def test_an_object_that_may_not_be_read_is_one_file_in_quarantine(bucket):
    """S3 answers 403 for an object that lies in an archive."""
    import s3fs

    fs = s3fs.S3FileSystem()
    write_atomic(f"{bucket}/forbidden/a.jsonl", b'{"text": "a"}\n')
    fs.pipe_file("bucket/forbidden/b.jsonl", b'{"text": "b"}\n', StorageClass="GLACIER")
    paths = [f"{bucket}/forbidden/{name}.jsonl" for name in "abc"]
    tasks, report = read(paths)
    assert [task.data.column("text").to_pylist() for task in tasks] == [["a"]]
    assert report.rejected == 2


def read(paths, **options):
    pipeline = Pipeline("read", stages=[JsonlReader()])
    tasks: list[Task[Any]] = [FileGroupTask(data=[path]) for path in paths]
    found = pipeline.run(LocalExecutor({"on_error": "quarantine"}), tasks, **options)
    return found, pipeline.last_run


def test_a_file_that_could_not_be_read_is_read_by_the_run_that_goes_on(tmp_path):
    paths = [str(tmp_path / f"{name}.jsonl") for name in "ab"]
    Path(paths[0]).write_text('{"text": "a"}\n', encoding="utf-8")
    places = {"checkpoint_path": tmp_path / "c", "run_dir": tmp_path / "out"}
    _, report = read(paths, **places)
    assert (report.sources_done, report.rejected) == (2, 1)
    Path(paths[1]).write_text('{"text": "b"}\n', encoding="utf-8")
    tasks, report = read(paths, **places)
    assert [task.data.column("text").to_pylist() for task in tasks] == [["b"]]
    assert (report.sources_resumed, report.rejected) == (1, 0)
    assert not list(tmp_path.glob("out/quarantine/read/rows/*"))


def test_a_damaged_file_is_not_tried_again(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"no gzip")
    _, report = read([str(path)], checkpoint_path=tmp_path / "c")
    assert report.rejected == 1
    assert read([str(path)], checkpoint_path=tmp_path / "c")[1].sources_resumed == 1


def test_a_full_disk_costs_no_task_once_it_is_freed(small_disk, make_executor, tmp):
    class Fill(Add):
        def process(self, task):
            path = f"{small_disk}/{task.task_id}"
            write_atomic(path, bytes(1 << 17))
            return FileGroupTask(data=[path])

    pipeline = Pipeline("fill", stages=[Numbers(count=6), Fill()])
    executor = make_executor(on_error="quarantine", retries=1)
    ballast = Path(small_disk, "ballast")
    ballast.write_bytes(bytes(1 << 19))
    with pytest.raises(StorageError, match=r"disk full while writing .*; free space and run again"):
        pipeline.run(executor, checkpoint_path=f"{tmp}/c")
    assert pipeline.last_run.failures == []
    ballast.unlink()
    tasks = pipeline.run(executor, checkpoint_path=f"{tmp}/c")
    assert len({task.data[0] for task in tasks}) == 6
    assert all(len(read_bytes(task.data[0])) == 1 << 17 for task in tasks)
    assert len(list(Path(small_disk).iterdir())) == 6


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [name if name == "actor pool" else pytest.param(name, marks=pytest.mark.long) for name in RAY],
)
def test_a_full_disk_on_ray_ends_the_run_under_every_policy(name, small_disk, ray_cluster):
    class Fill(Add):
        def process(self, task):
            write_atomic(f"{small_disk}/{task.task_id}", bytes(1 << 18))
            return task

    pipeline = Pipeline("fill", stages=[Numbers(count=6), Fill()])
    with pytest.raises(StorageError, match="disk full while writing"):
        pipeline.run(RAY[name](on_error="skip", retries=1))
    assert pipeline.last_run.failures == []
