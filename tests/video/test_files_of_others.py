"""Whatever lies in the folders and whatever is asked for: no file of others is touched."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from files_of_others import PLACES, of_others, plant, trees
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator_engine.commands.cli import run_app
from curator_video.cli import JOBS

HOW = st.sampled_from(["", "--resume", "--overwrite"])
PLACE = st.sampled_from(PLACES)
READ = st.sampled_from(["films", "films/*.mp4", ".", "out/clips/*.mp4", "data", "run/clips"])


def made_by(job):
    """Words of a run; which detector it has is nothing to files, and the default one loads a network."""
    more = map(st.just, ("--workers=1", "--detector=content"))
    return st.tuples(st.just(job), READ, st.just("-o"), PLACE, HOW, *more)


COMMANDS = st.one_of(
    made_by("split"),
    made_by("shots"),
    st.tuples(st.just("shard"), st.sampled_from(["run", "out"]), PLACE, HOW),
    st.tuples(
        st.just("filter"), st.sampled_from(["run", "out"]), st.just("--where=sharpness > 9e9")
    ).map(lambda words: (*words, "--apply")),
    st.tuples(st.just("dedup"), st.sampled_from(["run", "out"]), st.just("--apply")),
    st.tuples(st.just("report"), st.sampled_from(["run", "out", "home"])),
)


def leaves_others_alone(run, tree, commands):
    before_all = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(run, root / "run")
        (root / "films").mkdir()
        shutil.copy(run.parent / "in/one.mp4", root / "films/a.mp4")
        os.chdir(root)
        try:
            for words in commands:
                plant(root, tree)
                (root / "run/clips/theirs.mp4").write_bytes(b"theirs")
                before = of_others(root)
                argv = [word for word in (*words, "--quiet") if word]
                code = run_app("curator-video", JOBS, version="1", argv=argv)
                assert code in (0, 1, 2, 3), words
                after = of_others(root)
                gone = {path for path in before if after.get(path) != before[path]}
                assert not gone, (words, code, gone)
        finally:
            os.chdir(before_all)


CASES = (trees(), st.lists(COMMANDS, min_size=1, max_size=2))
HEALTH = [HealthCheck.function_scoped_fixture]


@settings(max_examples=60, derandomize=True, suppress_health_check=HEALTH)
@given(*CASES)
def test_no_file_of_others_is_touched(finished_run, tree, commands):
    leaves_others_alone(finished_run, tree, commands)


@pytest.mark.long
@settings(max_examples=1000, suppress_health_check=HEALTH)
@given(*CASES)
def test_no_file_of_others_is_touched_in_many_ways(finished_run, tree, commands):
    leaves_others_alone(finished_run, tree, commands)
