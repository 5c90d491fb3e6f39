"""Whatever lies in the folders and whatever is asked for: no file of others is touched."""

import shutil

import pytest
from files_of_others import PLACES, leaves_others_alone, trees
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


def run(words):
    argv = [word for word in (*words, "--quiet") if word]
    return [run_app("curator-video", JOBS, version="1", argv=argv)]


def check(finished, tree, commands):
    def prepare(root):
        shutil.copytree(finished, root / "run")
        (root / "films").mkdir()
        shutil.copy(finished.parent / "in/one.mp4", root / "films/a.mp4")

    own = {"run/clips/theirs.mp4": b"theirs"}
    leaves_others_alone(run, commands, tree, own=own, prepare=prepare, codes=(0, 1, 2, 3))


CASES = (trees(), st.lists(COMMANDS, min_size=1, max_size=2))
HEALTH = [HealthCheck.function_scoped_fixture]


@settings(max_examples=60, derandomize=True, suppress_health_check=HEALTH)
@given(*CASES)
def test_no_file_of_others_is_touched(finished_run, tree, commands):
    check(finished_run, tree, commands)


@pytest.mark.long
@settings(max_examples=1000, suppress_health_check=HEALTH)
@given(*CASES)
def test_no_file_of_others_is_touched_in_many_ways(finished_run, tree, commands):
    check(finished_run, tree, commands)
