"""What the tests of the audio app share."""

from pathlib import Path

import pytest
from audio.runs import curated

_SHARED = Path(__file__).parents[3] / "shared" / "data" / "audio"


@pytest.fixture(scope="session")
def speech_folder():
    """Recordings of people and of other sounds, where they lie beside the repository."""
    if not _SHARED.is_dir():
        pytest.skip("no shared recordings")
    return _SHARED


@pytest.fixture(scope="session")
def finished_segments(tmp_path_factory):
    """The folder of a run that no test changes; its input lies beside it."""
    return curated(tmp_path_factory.mktemp("finished"))
