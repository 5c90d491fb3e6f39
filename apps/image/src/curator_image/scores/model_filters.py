"""Filter pictures by heads on CLIP's vectors, as NeMo Curator's stages of these names.

`ImageEmbeddingStage` goes before. A head takes vectors of one CLIP model only, the one it was made for.
"""

from dataclasses import dataclass, field, replace
from itertools import batched
from typing import Any, ClassVar

import numpy as np

from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError
from curator_engine.models.model_names import AESTHETIC, AESTHETIC_FILE
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.scores.batch_scores import is_dropped, need
from curator_image.scores.embedding import check_batch
from curator_image.task import ImageBatch, ImageObject

_ORDER = (
    *("model_dir", "num_gpus_per_worker", "model_inference_batch_size", "score_threshold"),
    "verbose",
)


@positional(*_ORDER, "name")
@dataclass(kw_only=True)
class BaseFilterStage(ProcessingStage[ImageBatch, ImageBatch]):
    """A filter by a head: write `load_head` and `keeps`, and say which attribute has the score."""

    model_dir: str | None = None
    """Where the head's weights lie."""
    num_gpus_per_worker: float = 0.25
    """GPUs of a worker, where there are any."""
    model_inference_batch_size: int = 32
    """Pictures that are scored together."""
    score_threshold: float = 0.5
    verbose: bool = False
    """Kept for callers of NeMo Curator; counts are in the stage's metrics."""
    only_score: bool = False
    """Set the scores and keep every picture."""
    device: Device = "auto"
    attribute: ClassVar[str] = ""
    """Of `ImageObject`, where the score goes."""
    _head: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_batch(self.model_inference_batch_size)
        if choose_device(self.device) == "gpu" and not self.only_score:
            self.resources = Resources(cpus=1.0, gpus=self.num_gpus_per_worker)

    def load_head(self) -> Any:
        """What has `score`, from vectors to numbers."""
        raise NotImplementedError(f"{type(self).__name__} does not define load_head().")

    def keeps(self, score: float) -> bool:
        """Whether a picture with this score stays."""
        raise NotImplementedError(f"{type(self).__name__} does not define keeps().")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the head.

        Raises:
            InputError: There is no such head, or it cannot be read.
            ResourceError: What it needs is not installed.
        """
        self._head = self.load_head()

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the scores, and leave out the pictures that do not stay.

        Raises:
            InputError: A picture has no embedding, or one of another model.
        """
        known = [image for image in task.data if not is_dropped(image)]
        for part in batched(known, self.model_inference_batch_size):
            scores = self._head.score(np.stack([_vector(image, self.name) for image in part]))
            for image, score in zip(part, scores, strict=True):
                setattr(image, self.attribute, float(score))
        if self.only_score:
            return task
        kept = [
            image
            for image in task.data
            if is_dropped(image) or self.keeps(getattr(image, self.attribute))
        ]
        self.log_metric("dropped", len(task.data) - len(kept))
        return replace(task, data=kept)

    def teardown(self) -> None:
        """Let the head go."""
        self._head = None


@positional(*_ORDER, "name")
@dataclass(kw_only=True)
class ImageAestheticFilterStage(BaseFilterStage):
    """Keep pictures that people would like: an aesthetic score of at least `score_threshold`.

    `model_dir` is a folder or file of the head of LAION's form, or an id on the hub;
    ttj/sac-logos-ava1-l14-linearMSE unless given, which gives about 1 to 10.
    """

    attribute: ClassVar[str] = "aesthetic_score"

    def load_head(self) -> Any:
        """The aesthetic head."""
        name = type(self).__name__
        heads = need("curator_engine.models.aesthetic", option=name, extra="models")
        weights = need("curator_image.models.weights", option=name, extra="models")
        path = weights.weights_file(self.model_dir, AESTHETIC, AESTHETIC_FILE)
        return heads.AestheticHead(path)

    def keeps(self, score: float) -> bool:
        """Whether it is high enough."""
        return score >= self.score_threshold


@positional(*_ORDER, "weights_path", "name")
@dataclass(kw_only=True)
class ImageNSFWFilterStage(BaseFilterStage):
    """Keep pictures that are safe for work: an NSFW score below `score_threshold`."""

    weights_path: str | None = None
    """File of LAION's head; clip_autokeras_binary_nsfw.pth in `model_dir`, or in
    laion/clip-autokeras-binary-nsfw below it, unless given."""
    attribute: ClassVar[str] = "nsfw_score"

    def load_head(self) -> Any:
        """The NSFW head."""
        name = type(self).__name__
        heads = need("curator_image.models.nsfw_head", option=name, extra="models")
        weights = need("curator_image.models.weights", option=name, extra="models")
        return heads.NsfwHead(weights.nsfw_file(self.model_dir, self.weights_path))

    def keeps(self, score: float) -> bool:
        """Whether it is low enough."""
        return score < self.score_threshold


def _vector(image: ImageObject, stage: str) -> Any:
    """A picture's embedding.

    Raises:
        InputError: It has none.
    """
    if image.embedding is None:
        raise InputError(
            f"{image.image_path or image.image_id} has no embedding for {stage}; "
            "put ImageEmbeddingStage before it."
        )
    return image.embedding
