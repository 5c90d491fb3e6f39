"""NeMo Curator's names for CLIP and LAION's head, on a tiny CLIP and on random weights of the head's real size."""

import numpy as np
import pytest
import torch
from huggingface_hub import constants
from tiny_models import write_clip, write_head

from curator_engine.errors import InputError
from curator_engine.models.clip import Clip
from curator_engine.models.clip_scorers import (
    MLP,
    AestheticScorer,
    CLIPAestheticScorer,
    CLIPImageEmbeddings,
)
from curator_engine.models.model_names import AESTHETIC, AESTHETIC_FILE, CLIP

PICTURES = np.random.default_rng(0).integers(0, 256, (3, 40, 32, 3), np.uint8)


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> str:
    """A folder of models, as NeMo Curator has it."""
    folder = tmp_path_factory.mktemp("models")
    (folder / AESTHETIC).mkdir(parents=True)
    write_clip(folder / CLIP)
    write_head(folder / AESTHETIC / AESTHETIC_FILE)
    return str(folder)


def ready(kind, models):
    model = kind(models)
    model.setup()
    return model


def test_vectors_are_clip_s_in_any_form_of_pictures(models):
    expected = Clip(f"{models}/{CLIP}").embed_frames(PICTURES)
    clip = ready(CLIPImageEmbeddings, models)
    tensor = torch.from_numpy(PICTURES)
    for given in (PICTURES, list(PICTURES), tensor, tensor.movedim(-1, 1)):
        assert clip(given).cpu().numpy() == pytest.approx(expected, abs=1e-5)
    assert clip([PICTURES[0], PICTURES[1, :20]]).shape == (2, 16)


def test_texts_have_vectors_in_the_same_space(models):
    clip = ready(CLIPImageEmbeddings, models)
    vectors = clip.encode_text(["a dog", "b"])
    assert vectors.shape == (2, 16)
    assert torch.linalg.vector_norm(vectors, dim=1).tolist() == pytest.approx([1, 1])
    with pytest.raises(InputError, match="at least one text"):
        clip.encode_text([])


def test_pictures_get_the_scores_of_their_vectors(models):
    vectors = ready(CLIPImageEmbeddings, models)(PICTURES)
    scores = ready(AestheticScorer, models)(vectors)
    assert scores.shape == (3,)
    assert ready(CLIPAestheticScorer, models)(PICTURES).tolist() == scores.tolist()


def test_a_file_with_the_public_head_s_names_gives_what_its_layers_give(tmp_path):
    torch.manual_seed(0)
    mlp = MLP().eval()
    assert list(mlp.state_dict()) == [
        f"layers.{n}.{part}" for n in (0, 2, 4, 6, 7) for part in ("weight", "bias")
    ]
    path = tmp_path / AESTHETIC_FILE
    write_head(path)
    from safetensors.torch import save_file

    save_file(mlp.state_dict(), path)
    vectors = torch.nn.functional.normalize(torch.randn(4, 768), dim=1)
    scores = ready(AestheticScorer, str(tmp_path))(vectors.numpy())
    assert scores.numpy() == pytest.approx(mlp(vectors)[:, 0].numpy(), abs=1e-5)


@pytest.mark.parametrize("kind", [AestheticScorer, CLIPImageEmbeddings, CLIPAestheticScorer])
def test_one_that_was_not_set_up_says_so(kind):
    with pytest.raises(InputError, match=f"{kind.__name__} is not ready; call setup"):
        kind("models")(PICTURES)


def test_ids_of_what_is_loaded():
    assert CLIPAestheticScorer("models").model_id_names == [CLIP, AESTHETIC]
    assert CLIPImageEmbeddings("models").model_id_names == [CLIP]
    assert AestheticScorer("models").model_id_names == [AESTHETIC]


def test_what_is_there_is_not_fetched_and_what_cannot_be_is_an_input_error(
    models, tmp_path, monkeypatch
):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    CLIPAestheticScorer.download_weights_on_node(models)
    with pytest.raises(InputError, match=f"the model '{CLIP}' cannot be fetched"):
        CLIPAestheticScorer.download_weights_on_node(str(tmp_path))
