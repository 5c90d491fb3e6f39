"""NeMo Curator's names for LAION's NSFW head: its network, and a scorer that loads it.

`nsfw_head.py` does the work of the scorer; the network is for those who train or convert such a head.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from curator_engine.errors import InputError
from curator_engine.models.clip_scorers import Vectors, as_array
from curator_engine.models.model_interface import ModelInterface
from curator_image.models.nsfw_head import NsfwHead
from curator_image.models.weights import NSFW, nsfw_file


class Normalization(nn.Module):
    """Numbers less a mean, by a deviation, both of which are stored with the weights.

    Args:
        shape: Of the mean and of the variance.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(*shape))
        self.register_buffer("variance", torch.ones(*shape))

    def forward(self, x: Tensor) -> Tensor:
        """Numbers of any shape that ends in `shape`."""
        return (x - self.mean) / self.variance.sqrt()


class NSFWModel(nn.Module):
    """The network: 768 numbers of CLIP's vector to a probability; its parameters are named as in LAION's file."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = Normalization([768])
        self.linear_1 = nn.Linear(768, 64)
        self.linear_2 = nn.Linear(64, 512)
        self.linear_3 = nn.Linear(512, 256)
        self.linear_4 = nn.Linear(256, 1)

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """Vectors of shape (pictures, 768) to probabilities of shape (pictures, 1)."""
        x = self.norm(x)
        for layer in (self.linear_1, self.linear_2, self.linear_3):
            x = functional.relu(layer(x))
        return torch.sigmoid(self.linear_4(x))


class NSFWScorer(ModelInterface):
    """LAION's NSFW head: the probability that a picture is not safe for work.

    Args:
        model_dir: Folder in which the head lies, as clip_autokeras_binary_nsfw.pth or below
            laion/clip-autokeras-binary-nsfw.

    Example:
        scorer = NSFWScorer("models")
        scorer.setup()
        probabilities = scorer(vectors)
    """

    def __init__(self, model_dir: str) -> None:
        self.model_dir = model_dir
        self._head: NsfwHead | None = None

    @property
    def model_id_names(self) -> list[str]:
        """LAION's name for it, which is on no hub."""
        return [NSFW]

    def setup(self) -> None:
        """Load the head.

        Raises:
            InputError: There is none, or it cannot be read.
        """
        self._head = NsfwHead(nsfw_file(self.model_dir, None))

    def __call__(self, embeddings: Vectors) -> Tensor:
        """Probabilities, shape (pictures,), of CLIP's vectors of length one, shape (pictures, dims).

        Raises:
            InputError: It was not set up, or the vectors are of another model.
        """
        if self._head is None:
            raise InputError("NSFWScorer is not ready; call setup() first.")
        return torch.from_numpy(self._head.score(as_array(embeddings)).astype(np.float32))

    @classmethod
    def download_weights_on_node(cls, model_dir: str) -> None:
        """Look whether the head is in the folder: it is on no hub, so it is not fetched.

        Raises:
            InputError: It is not; where it comes from is said.
        """
        try:
            nsfw_file(model_dir, None)
        except InputError as error:
            raise InputError(
                f"{error} It is on no hub: get it from LAION's CLIP-based-NSFW-Detector."
            ) from error
