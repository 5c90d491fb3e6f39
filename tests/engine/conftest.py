"""What the tests of the engine share."""

import pytest


@pytest.fixture(params=["local", "s3"])
def out(request, tmp_path):
    """A folder for output that is not there yet, on this machine and on an object store."""
    if request.param == "local":
        return str(tmp_path / "out")
    return f"{request.getfixturevalue('bucket')}/{tmp_path.name}/out"
