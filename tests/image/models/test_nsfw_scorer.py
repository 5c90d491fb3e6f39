"""NeMo Curator's names for LAION's NSFW head, on random weights of its real size."""

import numpy as np
import pytest
import torch
from tiny_models import write_nsfw_head

from curator_engine.errors import InputError
from curator_image.models.nsfw_scorer import Normalization, NSFWModel, NSFWScorer
from curator_image.models.weights import NSFW, NSFW_FILE

VECTORS = np.random.default_rng(0).normal(size=(5, 768)).astype(np.float32)


def test_the_network_takes_a_file_of_the_public_form_and_the_scorer_gives_the_same(tmp_path):
    (tmp_path / NSFW).mkdir(parents=True)
    path = write_nsfw_head(
        tmp_path / NSFW / NSFW_FILE, dims=768, layers=(64, 512, 256, 1), mean=0.1
    )
    network = NSFWModel()
    network.load_state_dict(torch.load(path, weights_only=True))
    scorer = NSFWScorer(str(tmp_path))
    scorer.setup()
    expected = network(torch.from_numpy(VECTORS))[:, 0].numpy()
    assert scorer(torch.from_numpy(VECTORS)).numpy() == pytest.approx(expected, abs=1e-5)
    assert scorer(VECTORS).shape == (5,)
    NSFWScorer.download_weights_on_node(str(tmp_path))


def test_a_normalisation_is_stored_with_the_weights():
    layer = Normalization([2])
    layer.load_state_dict({"mean": torch.tensor([1.0, 2.0]), "variance": torch.tensor([4.0, 9.0])})
    assert layer(torch.tensor([[3.0, 5.0]])).tolist() == [[1.0, 1.0]]


def test_a_scorer_without_its_file_says_where_it_comes_from(tmp_path):
    with pytest.raises(InputError, match="get it from LAION's CLIP-based-NSFW-Detector"):
        NSFWScorer.download_weights_on_node(str(tmp_path))
    with pytest.raises(InputError, match="does not exist"):
        NSFWScorer(str(tmp_path)).setup()
    with pytest.raises(InputError, match="NSFWScorer is not ready"):
        NSFWScorer(str(tmp_path))(VECTORS)
    assert NSFWScorer("models").model_id_names == [NSFW]
