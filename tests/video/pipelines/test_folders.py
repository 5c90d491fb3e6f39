"""A split's folders are taken; what others put there, or earlier versions wrote, is known apart."""

import shutil
from pathlib import Path

import pytest

from curator_engine.commands.cli import run_app
from curator_engine.errors import InputError
from curator_video.cli import JOBS
from curator_video.pipelines.split import SplitWorkflow
from curator_video.settings import SplitSettings


def main(*words):
    return run_app("curator-video", JOBS, version="1", argv=[*map(str, words), "--quiet"])


def put(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"theirs")


def tree(folder):
    return {p.relative_to(folder): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


@pytest.fixture
def theirs(own_run):
    """Files of others in the folder of a run."""
    names = ("t", "clips/t.mp4", "metas/v0/t.json", "previews/t", ".cache/t", "quarantine/t")
    paths = [own_run / name for name in names]
    put(*paths)
    return paths


def test_a_workflow_never_writes_around_its_input(finished_run, tmp_path):
    shutil.copytree(finished_run.parent / "in", tmp_path / "proj/in")
    before = tree(tmp_path)
    settings = SplitSettings(inputs=[f"{tmp_path}/proj/in"], output=f"{tmp_path}/proj")
    with pytest.raises(InputError, match="overlap"):
        SplitWorkflow(settings=settings).run()
    assert tree(tmp_path) == before


def test_changing_a_run_leaves_the_files_of_others(own_run, theirs):
    assert main("filter", own_run, "--where", "sharpness < 0", "--apply") == 0
    assert main("filter", own_run, "--where", "sharpness >= 0", "--restore", "--apply") == 0
    assert main("dedup", own_run, "--apply") == 0
    assert main("report", own_run) == 0
    assert all(path.read_bytes() == b"theirs" for path in theirs)


def test_a_folder_of_an_earlier_version_is_adopted(own_run, theirs):
    shutil.rmtree(own_run / ".curator")
    assert main("filter", own_run, "--where", "sharpness < 0", "--apply") == 0
    assert [path.name for path in (own_run / "clips").iterdir()] == ["t.mp4"]
    assert all(path.read_bytes() == b"theirs" for path in theirs)


@pytest.mark.parametrize("option", ["", "--resume", "--overwrite"])
def test_shards_are_written_into_no_folder_of_others(finished_run, tmp_path, option):
    put(tmp_path / "home/x")
    assert main("shard", finished_run, tmp_path / "home", *filter(None, [option])) == 2
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["x"]


def test_shards_are_written_again_over_their_own_only(finished_run, tmp_path):
    target = tmp_path / "shards"
    assert main("shard", finished_run, target) == 0
    before = {path for path in tree(target) if ".curator" not in path.parts}
    shutil.rmtree(target / ".curator")
    put(target / "v0/theirs")
    assert main("shard", finished_run, target, "--overwrite") == 0
    after = {path for path in tree(target) if ".curator" not in path.parts}
    assert after == {*before, Path("v0/theirs")}


def test_a_list_of_shots_is_never_written_over_a_file_of_others(finished_run, tmp_path):
    [*videos] = (finished_run.parent / "in").iterdir()
    video = next(path for path in videos if path.suffix == ".mp4")
    put(tmp_path / "lists" / f"{video.stem}.csv")
    assert main("shots", video, "-o", tmp_path / "lists", "--detector", "content") == 2
    assert (tmp_path / "lists" / f"{video.stem}.csv").read_bytes() == b"theirs"
