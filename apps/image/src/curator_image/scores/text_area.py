"""Find text in pictures, by the detector of rapidocr, whose network is in its package.

Detection only: nothing is read. It takes a fraction of a second per picture, so it comes late.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.scores.batch_scores import need, set_score, with_pixels
from curator_image.task import ImageBatch

_SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.use_rec": False,
    # One thread: as many workers as there are CPUs run beside each other.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # As it comes, instead of enlarged.
    "Det.limit_type": "max",
    "Det.limit_side_len": 736,
}

_HIGHEST = 0.4
"""Of the picture's shorter side: a higher box is a scene that the detector takes for one line."""


@dataclass(kw_only=True)
class ScoreTextArea(ProcessingStage[ImageBatch, ImageBatch]):
    """Set `text_area`: the share of a picture that is lines of text."""

    _detector: Any = field(default=None, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the detector.

        Raises:
            ResourceError: The package is not installed.
        """
        rapidocr = need("rapidocr", option="--text-area", extra="text")
        self._detector = rapidocr.RapidOCR(params=dict(_SETTINGS))

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the scores."""
        for image, pixels in with_pixels(task):
            set_score(image, "text_area", self._area(pixels))
        return task

    def teardown(self) -> None:
        """Let the detector go."""
        self._detector = None

    def _area(self, rgb: NDArray[np.uint8]) -> float:
        # What is not said in a call stays as in the call before it.
        found = self._detector(rgb[:, :, ::-1], use_det=True, use_cls=False, use_rec=False)
        height, width = rgb.shape[:2]
        mask = Image.new("1", (width, height))
        draw = ImageDraw.Draw(mask)
        for box in () if found.boxes is None else found.boxes:
            if _height(box) <= _HIGHEST * min(height, width):
                draw.polygon([(float(x), float(y)) for x, y in box], fill=1)
        return float(np.asarray(mask).mean())


def _height(box: Any) -> float:
    """The shorter side of a box of four corners, in order."""
    return min(float(np.hypot(*(box[1] - box[0]))), float(np.hypot(*(box[2] - box[1]))))
