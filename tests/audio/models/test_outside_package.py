import math

import pytest

from curator_audio.models.outside_package import outside_package
from curator_engine.errors import ResourceError


def test_what_is_to_be_installed_is_said():
    assert outside_package("math", "python") is math
    with pytest.raises(ResourceError, match=r"needs some\[asr\], which curator-audio does not"):
        outside_package("no_such_package", "some[asr]")
