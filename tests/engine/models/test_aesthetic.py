"""The aesthetic head on a tiny CLIP."""

import numpy as np
import pytest
from tiny_models import DIMS, write_clip, write_head

from curator_engine.errors import InputError
from curator_engine.models.aesthetic import AestheticHead, AestheticModel
from curator_engine.models.clip import Clip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return write_clip(tmp_path_factory.mktemp("models") / "clip")


FRAMES = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)


@pytest.mark.parametrize("ending", ["safetensors", "pth"])
def test_the_score_is_what_the_layers_give(folder, tmp_path, ending):
    import torch

    head = write_head(tmp_path / f"head.{ending}")
    torch.manual_seed(1)
    first, second = torch.randn(8, DIMS) / 4, torch.randn(1, 8) / 4
    vectors = torch.from_numpy(Clip(folder, device="cpu").embed_frames(FRAMES))
    scores = (vectors @ first.T @ second.T).numpy()[:, 0] + 5
    model = AestheticModel(folder, head, device="cpu")
    assert model.score(FRAMES, reduction="min") == pytest.approx(scores.min(), abs=1e-4)
    assert model.score(FRAMES, reduction="mean") == pytest.approx(scores.mean(), abs=1e-4)


def test_one_layer_is_a_head(folder, tmp_path):
    import torch

    path = tmp_path / "linear.pth"
    torch.save({"weight": torch.zeros(1, DIMS), "bias": torch.tensor([4.5])}, path)
    assert AestheticModel(folder, str(path), device="cpu").score(FRAMES) == 4.5


def test_a_head_for_another_model_is_an_input_error(folder, tmp_path):
    model = AestheticModel(folder, write_head(tmp_path / "h.pth", dims=768), device="cpu")
    with pytest.raises(InputError, match="768 numbers, the CLIP model gives 16"):
        model.score(FRAMES)


def test_a_head_that_is_not_there_is_an_input_error(folder, tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        AestheticModel(folder, str(tmp_path / "no.pth"), device="cpu")


@pytest.mark.parametrize("name", ["x.pth", "x.safetensors"])
def test_a_file_that_is_no_head_is_an_input_error(folder, tmp_path, name):
    (tmp_path / name).write_bytes(b"no weights")
    with pytest.raises(InputError, match="holds no aesthetic head"):
        AestheticModel(folder, str(tmp_path / name), device="cpu")


@pytest.mark.parametrize("rows", [0, 3])
def test_weights_of_something_else_are_an_input_error(folder, tmp_path, rows):
    import torch

    state = {"weight": torch.zeros(rows, DIMS), "bias": torch.zeros(rows)} if rows else {}
    torch.save(state, tmp_path / "x.pth")
    with pytest.raises(InputError, match="holds no aesthetic head"):
        AestheticModel(folder, str(tmp_path / "x.pth"), device="cpu")


def test_a_pickle_that_would_run_code_is_refused(folder, tmp_path):
    import torch

    torch.save({"weight": pytest.approx}, tmp_path / "x.pth")
    with pytest.raises(InputError, match="holds no aesthetic head"):
        AestheticModel(folder, str(tmp_path / "x.pth"), device="cpu")


def test_a_head_scores_vectors_as_the_model_scores_their_pictures(folder, tmp_path):
    path = write_head(tmp_path / "head.pth")
    vectors = Clip(folder, device="cpu").embed_frames(FRAMES)
    scores = AestheticHead(path).score(vectors)
    assert scores.shape == (3,)
    model = AestheticModel(folder, path, device="cpu")
    assert model.score(FRAMES, reduction="min") == pytest.approx(scores.min())
