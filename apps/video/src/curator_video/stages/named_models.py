"""Models of NeMo Curator's by its names and calls, for scripts that use them without a stage.

`models/` does the work. A model is made with the folder of models, and loaded by `setup`.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_engine.models.model_interface import ModelInterface
from curator_engine.models.model_names import model_below
from curator_video.shots.shot_network import PACKAGE, find_weights
from curator_video.stages.captioners import WRITES, chosen_model
from curator_video.stages.embedders import check_variant, trusts_code

SHOT_MODEL, SHOT_WEIGHTS = "Sn4kehead/TransNetV2", "transnetv2-pytorch-weights.pth"
"""The folder and file of TransNetV2's weights in NeMo Curator's folders of models."""


class TransNetV2(ModelInterface):
    """Finds shot changes.

    Args:
        model_dir: Folder in which the weights lie as Sn4kehead/TransNetV2/transnetv2-pytorch-weights.pth, or
            their file; those of the package transnetv2-pytorch unless given.

    Example:
        network = TransNetV2("models")
        network.setup()
        probabilities = network(frames)
    """

    def __init__(self, model_dir: str | None = None) -> None:
        self.model_dir = model_dir
        self._network: Any = None

    @property
    def model_id_names(self) -> list[str]:
        """The model's."""
        return [SHOT_MODEL]

    def setup(self) -> None:
        """Load the weights.

        Raises:
            InputError: There are none, or the file holds others.
        """
        from curator_video.models.transnetv2 import ShotNetwork

        self._network = ShotNetwork(self._weights())

    def __call__(self, inputs: Any) -> Any:
        """The probability that the frame after each one begins a new shot.

        Args:
            inputs: Tensor of bytes, RGB, shape (1, frames, 27, 48, 3).

        Returns:
            A tensor of shape (1, frames, 1).

        Raises:
            InputError: It was not set up, or the frames have another shape.
        """
        import torch

        network = _ready(self._network, self)
        shape = tuple(inputs.shape)
        if len(shape) != 5 or shape[0] != 1 or shape[2:] != (27, 48, 3) or not shape[1]:
            raise InputError(f"TransNetV2 takes frames of shape (1, n, 27, 48, 3), not {shape}.")
        frames = inputs[0].to(torch.uint8).cpu().numpy()
        (found,) = network.within(frames, [(0, len(frames))], margin=0)
        return torch.from_numpy(found).reshape(1, -1, 1)

    def _weights(self) -> str:
        if self.model_dir is None:
            found = find_weights()
            if found is None:
                raise InputError(f"{PACKAGE} is not installed; install it, or give model_dir.")
            return found
        folder = Path(self.model_dir)
        for path in (folder / SHOT_MODEL / SHOT_WEIGHTS, folder / SHOT_WEIGHTS, folder):
            if path.is_file():
                return str(path)
        raise InputError(f"{folder} holds no {SHOT_MODEL}/{SHOT_WEIGHTS}; put the weights there.")


class CosmosEmbed1(ModelInterface):
    """Cosmos-Embed1: clips and texts in one space.

    Args:
        variant: 224p, 336p or 448p.
        utils_only: Accepted: the processor comes with the model.
        model_dir: Folder in which the model lies as nvidia/Cosmos-Embed1-<variant>, or which is the model; the
            hub's unless given.

    Example:
        model = CosmosEmbed1(model_dir="models")
        model.setup()
        vectors = model.encode_video_frames(model.formulate_input_frames(frames))
    """

    def __init__(
        self, *, variant: str = "336p", utils_only: bool = False, model_dir: str | None = None
    ) -> None:
        check_variant(variant)
        self.variant, self.utils_only, self.model_dir = variant, utils_only, model_dir
        self._model: Any = None

    @property
    def model_id_names(self) -> list[str]:
        """The model's."""
        return [f"nvidia/Cosmos-Embed1-{self.variant}"]

    def setup(self) -> None:
        """Load the model.

        Raises:
            InputError: There is none, or its own Python code may not run.
        """
        from curator_video.models import cosmos_embed1

        (model_id,) = self.model_id_names
        name = model_below(self.model_dir, model_id) if self.model_dir else model_id
        self._model = cosmos_embed1.CosmosEmbed1(name, trust_remote_code=trusts_code())

    def get_target_num_frames(self) -> int:
        """Frames of a clip that it looks at."""
        return _ready(self._model, self).num_frames

    def formulate_input_frames(self, frames: list[NDArray[np.uint8]]) -> NDArray[np.float32] | None:
        """What the network takes of a clip's frames, evenly chosen; None if there are too few.

        Args:
            frames: RGB, shape (height, width, 3) each.
        """
        model = _ready(self._model, self)
        if len(frames) < model.num_frames:
            return None
        chosen = frames[:: len(frames) // model.num_frames][: model.num_frames]
        return model.prepare(np.stack(chosen)[None])

    def encode_video_frames(self, frames: NDArray[np.float32]) -> Any:
        """The vectors of what `formulate_input_frames` gave, a tensor of shape (clips, dims)."""
        import torch

        model = _ready(self._model, self)
        return torch.from_numpy(model.project(frames)) if frames.size else torch.empty((0, 0))

    def get_text_embedding(self, text: str) -> Any:
        """The vector of a text, a tensor of shape (1, dims) and length one."""
        import torch

        return torch.from_numpy(_ready(self._model, self).embed_texts([text]))

    def evaluate(self, video_embd: Any, text_embds: list[Any]) -> tuple[list[float], list[int]]:
        """How likely each text is of a video, the likeliest first, and which text it is."""
        import torch

        likely = (100.0 * video_embd @ torch.cat(text_embds, 0).T).softmax(dim=-1)
        shares, places = likely.float().cpu().topk(len(text_embds), dim=-1)
        return shares[0].tolist(), places[0].tolist()


class QwenLM(ModelInterface):
    """A Qwen model that goes on with conversations, by transformers, without chance.

    Args:
        model_dir: Folder in which the model lies by its id on the hub, or which is the model; else the hub's.
        model_variant: qwen2.5 or qwen3.
        caption_batch_size: Conversations that are answered together.
        fp8: Refused: that is vLLM's.
        max_output_tokens: Of an answer, at most.
        vllm_kwargs: Refused likewise.

    Example:
        model = QwenLM("models")
        model.setup()
        model.generate([[{"role": "user", "content": "Say it shorter: ..."}]])
    """

    def __init__(
        self,
        model_dir: str = "",
        model_variant: str = "qwen2.5",
        caption_batch_size: int = 1,
        fp8: bool = False,
        max_output_tokens: int = 512,
        **vllm_kwargs: Any,
    ) -> None:
        if fp8 or vllm_kwargs:
            name = "fp8" if fp8 else next(iter(vllm_kwargs))
            raise SettingsError(
                f"{name} is not offered: transformers runs the model; leave it out."
            )
        self._name = chosen_model(model_dir, model_variant, WRITES)
        self.model_variant, self.caption_batch_size = model_variant, caption_batch_size
        self.max_output_tokens = max_output_tokens
        self._model: Any = None

    @property
    def model_id_names(self) -> list[str]:
        """The model's."""
        return [WRITES[self.model_variant]]

    def setup(self) -> None:
        """Load the model.

        Raises:
            InputError: There is none, or it cannot be read.
        """
        from curator_engine.models.text_language import TextLanguageModel

        self._model = TextLanguageModel(self._name)

    def generate(self, inputs: list[list[dict[str, Any]]]) -> list[str]:
        """What the model says next in each conversation.

        Args:
            inputs: Conversations: messages with `role` and `content`.
        """
        model, size = _ready(self._model, self), self.caption_batch_size
        parts = [inputs[start : start + size] for start in range(0, len(inputs), size)]
        return [text for part in parts for text in model.write(part, self.max_output_tokens)]


def _ready(part: Any, model: ModelInterface) -> Any:
    if part is None:
        raise InputError(f"{type(model).__name__} is not ready; call setup() first.")
    return part
