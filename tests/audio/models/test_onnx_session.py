import sys
from pathlib import Path

import pytest
from audio.small_networks import write_sigmos

from curator_audio.models.onnx_session import file_session, package_file, package_session
from curator_engine.errors import InputError, ResourceError


def test_a_model_is_opened_without_its_package():
    session = package_session("silero_vad", "data/silero_vad_16k_sequence.onnx")
    assert [each.name for each in session.get_inputs()] == ["input", "h", "c"]
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert "silero_vad" not in sys.modules


@pytest.mark.parametrize(("package", "name"), [("no_such_package", "x"), ("silero_vad", "x.onnx")])
def test_what_is_not_installed_is_said(package, name):
    with pytest.raises(ResourceError, match=f"{name} of the package {package} is not there"):
        package_file(package, name)


def test_a_file_of_the_users_is_opened(tmp_path):
    path = Path(write_sigmos(tmp_path / "net.onnx"))
    assert file_session(path, what="SIGMOS", gpu=True).get_inputs()[0].shape[1] == 3


def test_a_file_that_holds_no_model_is_an_input_error(tmp_path):
    path = tmp_path / "net.onnx"
    with pytest.raises(InputError, match="no such file with SIGMOS"):
        file_session(path, what="SIGMOS")
    for content in (b"", b"text", b"\x08\x08\x12\x04text"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="holds no model"):
            file_session(path, what="SIGMOS")
