"""Give each picture a vector by CLIP, as NeMo Curator's `ImageEmbeddingStage`."""

from dataclasses import dataclass, field
from typing import Any

from curator_engine.device import Device, choose_device
from curator_engine.errors import SettingsError
from curator_engine.models.model_names import CLIP
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.scores.batch_scores import need, some_at_a_time
from curator_image.task import ImageBatch


@positional(
    *("model_dir", "num_gpus_per_worker", "model_inference_batch_size", "verbose"),
    *("remove_image_data", "name"),
)
@dataclass(kw_only=True)
class ImageEmbeddingStage(ProcessingStage[ImageBatch, ImageBatch]):
    """Set the embedding of each picture that has pixels: CLIP's vector, of length one.

    Example:
        ImageEmbeddingStage(model_dir="models", remove_image_data=True)
    """

    model_dir: str | None = None
    """Folder of a CLIP model, a folder in which models lie by their ids on the hub, or such an id;
    openai/clip-vit-large-patch14 from the hub unless given."""
    num_gpus_per_worker: float = 0.25
    """GPUs of a worker, where there are any."""
    model_inference_batch_size: int = 32
    """Pictures that the model is given together."""
    verbose: bool = False
    """Kept for callers of NeMo Curator; counts are in the stage's metrics."""
    remove_image_data: bool = False
    """Let the pixels go afterwards."""
    device: Device = "auto"
    _model: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        check_batch(self.model_inference_batch_size)
        if choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=self.num_gpus_per_worker)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
            ResourceError: What it needs is not installed, or there is no GPU.
        """
        self._model = load_clip(self.model_dir, device=self.device, option=type(self).__name__)

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the embeddings."""
        count = 0
        for part in some_at_a_time(task, self.model_inference_batch_size):
            vectors = self._model.embed([pixels[None] for _, pixels in part])
            for (image, _), vector in zip(part, vectors, strict=True):
                image.embedding = vector
            count += len(part)
        if self.remove_image_data:
            for image in task.data:
                image.image_data = None
        self.log_metric("embeddings", count)
        return task

    def teardown(self) -> None:
        """Let the model go."""
        self._model = None


def load_clip(model_dir: str | None, *, device: Device, option: str) -> Any:
    """A CLIP model of the engine; `option` is what asked for it.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or there is no GPU.
    """
    clip = need("curator_engine.models.clip", option=option, extra="models")
    weights = need("curator_image.models.weights", option=option, extra="models")
    return clip.Clip(weights.model_place(model_dir, CLIP), device=device)


def check_batch(size: int) -> None:
    """Look at a number of pictures.

    Raises:
        SettingsError: It is below 1.
    """
    if size < 1:
        raise SettingsError(f"model_inference_batch_size={size} is below 1.")
