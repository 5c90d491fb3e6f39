"""NeMo Curator's models on CLIP's vectors: pictures and texts to vectors, and vectors to LAION's aesthetic score.

`clip.py` and `aesthetic.py` do the work; here are the names, and torch's tensors in and out. A model is
looked for in `model_dir` by its id on the hub, or as that folder itself, else taken from the hub.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from curator_engine.errors import InputError
from curator_engine.models.aesthetic import AestheticHead
from curator_engine.models.clip import Clip
from curator_engine.models.loading import place_of
from curator_engine.models.model_interface import ModelInterface
from curator_engine.models.model_names import AESTHETIC, AESTHETIC_FILE, CLIP, model_below
from curator_engine.models.weights import fetch_model, weights_below

type Vectors = Tensor | NDArray[np.floating[Any]]
type Pictures = Tensor | NDArray[np.uint8] | list[NDArray[np.uint8]]
"""RGB: an array of shape (pictures, height, width, 3), a tensor of this shape or with the colours second,
or a list of pictures of several sizes, each of shape (height, width, 3)."""


class MLP(nn.Module):
    """The layers of LAION's aesthetic head, by the names in its file: 768 numbers to one, without activations."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (768, 1024, 128, 64, 16, 1)
        layers: list[nn.Module] = []
        for before, after, dropout in zip(
            sizes[:-1], sizes[1:], (0.2, 0.2, 0.1, 0, 0), strict=True
        ):
            layers.append(nn.Linear(before, after))
            if dropout:
                layers.append(nn.Dropout(dropout))
        self.layers = nn.Sequential(*layers)

    @torch.no_grad()
    def forward(self, embed: Tensor) -> Tensor:
        """Vectors of shape (pictures, 768) to scores of shape (pictures, 1)."""
        return self.layers(embed)


class AestheticScorer(ModelInterface):
    """LAION's aesthetic head, about 1 to 10.

    Args:
        model_dir: Folder in which the head lies as ttj/sac-logos-ava1-l14-linearMSE/model.safetensors.

    Example:
        scorer = AestheticScorer("models")
        scorer.setup()
        scores = scorer(vectors)
    """

    def __init__(self, model_dir: str) -> None:
        self.model_dir = model_dir
        self._head: AestheticHead | None = None

    @property
    def model_id_names(self) -> list[str]:
        """The head's."""
        return [AESTHETIC]

    def setup(self) -> None:
        """Load the head.

        Raises:
            InputError: There is none, or it cannot be read.
        """
        self._head = AestheticHead(weights_below(self.model_dir, AESTHETIC, AESTHETIC_FILE))

    def __call__(self, embeddings: Vectors) -> Tensor:
        """Scores, shape (pictures,), of CLIP's vectors of length one, shape (pictures, dims).

        Raises:
            InputError: It was not set up, or the vectors are of another model.
        """
        head = _ready(self._head, self)
        return torch.from_numpy(head.score(as_array(embeddings)).astype(np.float32))

    @classmethod
    def download_weights_on_node(cls, model_dir: str) -> None:
        """Fetch the head into a folder of models; nothing if it is there.

        Raises:
            InputError: It cannot be fetched.
        """
        fetch_model(model_dir, AESTHETIC)


class CLIPImageEmbeddings(ModelInterface):
    """CLIP: pictures and texts to vectors of length one.

    Args:
        model_dir: Folder in which the model lies as openai/clip-vit-large-patch14, or which is the model.

    Example:
        clip = CLIPImageEmbeddings("models")
        clip.setup()
        vectors = clip(pictures)
    """

    def __init__(self, model_dir: str) -> None:
        self.model_dir = model_dir
        self.device = place_of("auto")
        self.dtype = torch.float32
        self.clip: Clip | None = None

    @property
    def model_id_names(self) -> list[str]:
        """The model's."""
        return [CLIP]

    def setup(self) -> None:
        """Load the model.

        Raises:
            InputError: There is none, or it cannot be read.
        """
        self.clip = Clip(model_below(self.model_dir, CLIP))

    def __call__(self, images: Pictures) -> Tensor:
        """Vectors, shape (pictures, dims).

        Raises:
            InputError: It was not set up.
        """
        clip = _ready(self.clip, self)
        if isinstance(images, list):
            # A list of pictures is one of clips of one frame.
            vectors = clip.embed([each[None] for each in images])
        else:
            vectors = clip.embed_frames(_colours_last(images))
        return torch.from_numpy(vectors).to(self.device)

    def encode_text(self, texts: list[str]) -> Tensor:
        """Vectors, shape (texts, dims), to be compared with those of pictures.

        Raises:
            InputError: There is no text, or it was not set up.
        """
        if not texts:
            raise InputError("encode_text needs at least one text.")
        return torch.from_numpy(_ready(self.clip, self).embed_texts(texts)).to(self.device)

    @classmethod
    def download_weights_on_node(cls, model_dir: str) -> None:
        """Fetch the model into a folder of models; nothing if it is there.

        Raises:
            InputError: It cannot be fetched.
        """
        fetch_model(model_dir, CLIP)


class CLIPAestheticScorer(ModelInterface):
    """CLIP and LAION's aesthetic head: pictures to scores.

    Args:
        model_dir: Folder in which both lie by their ids.
    """

    def __init__(self, model_dir: str) -> None:
        self.model_dir = model_dir
        self._parts: tuple[CLIPImageEmbeddings, AestheticScorer] | None = None

    @property
    def model_id_names(self) -> list[str]:
        """CLIP's and the head's."""
        return [CLIP, AESTHETIC]

    def setup(self) -> None:
        """Load both.

        Raises:
            InputError: One is not there, or cannot be read.
        """
        parts = CLIPImageEmbeddings(self.model_dir), AestheticScorer(self.model_dir)
        for part in parts:
            part.setup()
        self._parts = parts

    def __call__(self, images: Pictures) -> Tensor:
        """Scores, shape (pictures,).

        Raises:
            InputError: It was not set up, or the head is of another CLIP model.
        """
        clip, head = _ready(self._parts, self)
        return head(clip(images))

    @classmethod
    def download_weights_on_node(cls, model_dir: str) -> None:
        """Fetch both into a folder of models; nothing that is there.

        Raises:
            InputError: One cannot be fetched.
        """
        CLIPImageEmbeddings.download_weights_on_node(model_dir)
        AestheticScorer.download_weights_on_node(model_dir)


def as_array(vectors: Vectors) -> NDArray[np.float32]:
    """Vectors as an array in the CPU's memory."""
    found = vectors.detach().cpu().numpy() if isinstance(vectors, Tensor) else vectors
    return found.astype(np.float32, copy=False)


def _colours_last(images: Tensor | NDArray[np.uint8]) -> NDArray[np.uint8]:
    if not isinstance(images, Tensor):
        return images
    found = images if images.shape[-1] == 3 else images.movedim(1, -1)
    return found.cpu().numpy()


def _ready[M](part: M | None, model: ModelInterface) -> M:
    if part is None:
        raise InputError(f"{type(model).__name__} is not ready; call setup() first.")
    return part
