import numpy as np
import pytest
from tiny_models import DIMS, write_nsfw_head

from curator_engine.errors import InputError
from curator_image.models.nsfw_head import NsfwHead

VECTORS = np.random.default_rng(0).normal(size=(5, DIMS)).astype(np.float32)


def test_the_score_is_what_torch_computes(tmp_path):
    import torch

    path = write_nsfw_head(tmp_path / "head.pth", mean=0.5)
    state = torch.load(path, weights_only=True)
    values = (torch.from_numpy(VECTORS) - 0.5) / 2
    for number in (1, 2, 3, 4):
        values = values @ state[f"linear_{number}.weight"].T + state[f"linear_{number}.bias"]
        values = values.relu() if number < 4 else values.sigmoid()
    assert NsfwHead(path).score(VECTORS) == pytest.approx(values[:, 0].numpy(), abs=1e-6)


def test_far_values_are_probabilities(tmp_path):
    scores = NsfwHead(write_nsfw_head(tmp_path / "head.pth")).score(VECTORS * np.float32(1e6))
    assert set(scores) <= {0.0, 1.0}


def test_a_head_for_another_model_is_an_input_error(tmp_path):
    head = NsfwHead(write_nsfw_head(tmp_path / "head.pth", dims=768))
    with pytest.raises(InputError, match="768 numbers, the CLIP model gives 16"):
        head.score(VECTORS)


@pytest.mark.parametrize("name", ["x.pth", "x.safetensors"])
def test_a_file_that_is_no_head_is_an_input_error(tmp_path, name):
    (tmp_path / name).write_bytes(b"no weights")
    with pytest.raises(InputError, match="holds no NSFW head"):
        NsfwHead(str(tmp_path / name))


def test_a_head_that_ends_in_two_numbers_is_none(tmp_path):
    with pytest.raises(InputError, match="holds no NSFW head"):
        NsfwHead(write_nsfw_head(tmp_path / "head.pth", layers=(8, 2)))
