"""What the tests of the video app share."""

import os
import shutil
from pathlib import Path

import pytest
from video.runs import draw_inputs, split

_SHARED = Path(__file__).parents[3] / "shared" / "data" / "video"


@pytest.fixture(autouse=True)
def usual_priority():
    """Nothing makes real-time threads of a test's, which would keep all others from the processors."""
    before = os.sched_getscheduler(0)
    yield
    assert os.sched_getscheduler(0) == before


@pytest.fixture
def shared_video():
    """The folder of real videos, where it is there."""
    if not _SHARED.is_dir():
        pytest.skip("no shared videos")
    return _SHARED


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """The folder of a run that nobody changes; its input lies beside it."""
    folder = tmp_path_factory.mktemp("run")
    split(draw_inputs(folder / "in"), folder / "out")
    return folder / "out"


@pytest.fixture
def own_run(finished_run, tmp_path):
    """A copy of the run to change."""
    return Path(shutil.copytree(finished_run, tmp_path / "own"))
