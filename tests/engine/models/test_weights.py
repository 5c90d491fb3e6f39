"""The file of a model's weights."""

import pytest

from curator_engine.errors import InputError
from curator_engine.models.weights import weights_file


def test_it_is_given_or_lies_in_a_folder(tmp_path):
    path = tmp_path / "model.safetensors"
    path.touch()
    assert weights_file(str(path), "model.safetensors") == str(path)
    assert weights_file(str(tmp_path), "model.safetensors") == str(path)
    with pytest.raises(InputError, match=r"holds no other\.pth"):
        weights_file(str(tmp_path), "other.pth")
