"""What the tests of the image app share."""

import pytest
from image.runs import curated


@pytest.fixture(scope="session")
def finished_images(tmp_path_factory):
    """The folder of a run that no test changes; its input lies beside it."""
    return curated(tmp_path_factory.mktemp("finished"))
