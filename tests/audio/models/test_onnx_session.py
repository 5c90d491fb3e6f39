import sys

import pytest

from curator_audio.models.onnx_session import package_file, package_session
from curator_engine.errors import ResourceError


def test_a_model_is_opened_without_its_package():
    session = package_session("silero_vad", "data/silero_vad_16k_sequence.onnx")
    assert [each.name for each in session.get_inputs()] == ["input", "h", "c"]
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert "silero_vad" not in sys.modules


@pytest.mark.parametrize(("package", "name"), [("no_such_package", "x"), ("silero_vad", "x.onnx")])
def test_what_is_not_installed_is_said(package, name):
    with pytest.raises(ResourceError, match=f"{name} of the package {package} is not there"):
        package_file(package, name)
