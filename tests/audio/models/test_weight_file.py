import pickle

import pytest
import torch

from curator_audio.models.weight_file import load_into, read_weights, weight_file
from curator_engine.errors import InputError, ResourceError


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))


def test_published_weights_are_fetched_once(tmp_path):
    published = tmp_path / "net%3D1.pth"
    torch.save({"a": torch.ones(2)}, published)
    kept = weight_file("", url=(tmp_path / "net%253D1.pth").as_uri().replace("%2525", "%25"))
    published.unlink()
    assert weight_file("", url=f"https://example.org/{kept.name}") == kept
    assert torch.equal(read_weights(kept, what="a net")["a"], torch.ones(2))


def test_weights_that_cannot_be_fetched_say_where_they_are(tmp_path):
    with pytest.raises(
        ResourceError, match=r"absent\.pth cannot be fetched .* put it at .*absent\.pth"
    ):
        weight_file("", url=(tmp_path / "absent.pth").as_uri())


def test_a_file_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        weight_file(str(tmp_path / "absent.pth"), url="")


class Runs:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize(
    "content",
    [b"", b"text", pickle.dumps(Runs()), pickle.dumps([1]), pickle.dumps({"model": {"a": 1}})],
)
def test_what_holds_no_tensors_is_an_input_error(tmp_path, content, capsys):
    path = tmp_path / "net.pth"
    path.write_bytes(content)
    with pytest.raises(InputError, match="does not hold the weights of a net as tensors"):
        read_weights(path, what="a net")
    assert capsys.readouterr().out == ""


def test_weights_of_another_network_are_an_input_error(tmp_path):
    torch.save({"state_dict": {"weight": torch.ones(3, 3)}}, tmp_path / "net.pth")
    with pytest.raises(InputError, match="a layer"):
        load_into(torch.nn.Linear(2, 2), tmp_path / "net.pth", what="a layer")
