"""Find QR codes and barcodes in pictures, by zxing-cpp.

A code must show at 512 pixels, the size at which pictures are measured.
"""

from dataclasses import dataclass, field
from typing import Any

from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.scores.batch_scores import need, set_score, with_pixels
from curator_image.task import ImageBatch


@dataclass(kw_only=True)
class CountCodes(ProcessingStage[ImageBatch, ImageBatch]):
    """Set `codes`: how many codes can be read in a picture."""

    _reader: Any = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the reader.

        Raises:
            ResourceError: The package is not installed.
        """
        self._reader = need("zxingcpp", option="--codes", extra="codes").read_barcodes

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the scores."""
        for image, pixels in with_pixels(task):
            set_score(image, "codes", float(len(self._reader(pixels))))
        return task

    def teardown(self) -> None:
        """Let the reader go."""
        self._reader = None
