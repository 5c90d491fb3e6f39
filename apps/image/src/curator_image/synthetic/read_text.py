"""Read the text in pictures, word by word or line by line, by a network that ships in the package rapidocr.

PP-OCR's detector and recogniser for Chinese, English and other languages in Latin letters; nothing is
downloaded. A sign takes 0.3 s of one core, a page of 690 words 8 s.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import SettingsError, UnreadableFileError
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.read.picture import PictureError
from curator_image.scores.batch_scores import need
from curator_image.synthetic.ocr_data import SCALE, OCRData, OCRDenseItem
from curator_image.synthetic.sample_pictures import fail, pixels_of, text_data
from curator_image.task import ImageSampleTask

MAX_SIDE = 2000
"""Pixels of the longer side of what is read, as the recogniser would have it anyway."""
_SETTINGS = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    # One thread: as many workers as there are CPUs run beside each other.
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    # Text is looked for in at most so many pixels a side, and small pictures are not enlarged for it: of
    # 1,400 drawn words of 14 pixels three fewer are found, in 0.8 of the time; small signs take a tenth.
    "Det.limit_type": "max",
    "Det.limit_side_len": 1280,
}


@dataclass(kw_only=True)
class TextRecogniser(ProcessingStage[ImageSampleTask[OCRData], ImageSampleTask[OCRData]]):
    """Sets `ocr_dense`: write `setup` and `pieces_in`."""

    @abstractmethod
    def pieces_in(self, rgb: NDArray[np.uint8]) -> list[OCRDenseItem]:
        """The pieces of text in a picture, shape (height, width, 3), in reading order."""

    def process(self, task: ImageSampleTask[OCRData]) -> ImageSampleTask[OCRData]:
        """Read a picture; one that cannot be read is an invalid sample with its reason."""
        data = text_data(task, self.name)
        if not data.is_valid:
            return task
        try:
            data.ocr_dense = self.pieces_in(pixels_of(data, side=MAX_SIDE))
        except (PictureError, UnreadableFileError) as error:
            fail(data, self.name, error)
            self.log_metric("invalid", 1)
        return task


@dataclass(kw_only=True)
class OCRRapidStage(TextRecogniser):
    """Read text by rapidocr, offline, on a CPU (extra `text` of curator-image).

    Example:
        OCRRapidStage(merge_level="line")
    """

    merge_level: Literal["word", "line"] = "word"
    """What a piece is."""
    name: str = "ocr_rapid"
    _reader: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.merge_level not in ("word", "line"):
            raise SettingsError(f"merge_level={self.merge_level!r} is not known; use word or line.")

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the networks.

        Raises:
            ResourceError: The package is not installed.
        """
        rapidocr = need("rapidocr", option="OCRRapidStage", extra="text")
        self._reader = rapidocr.RapidOCR(params=dict(_SETTINGS))

    def process(self, task: ImageSampleTask[OCRData]) -> ImageSampleTask[OCRData]:
        """Read a picture, and say what a piece is."""
        done = super().process(task)
        done.data.ocr_is_word_level = self.merge_level == "word"
        return done

    def pieces_in(self, rgb: NDArray[np.uint8]) -> list[OCRDenseItem]:
        """The words or lines."""
        # What is not said in a call stays as in the call before it.
        found = self._reader(
            *(rgb[:, :, ::-1],),
            use_det=True,
            use_cls=False,
            use_rec=True,
            return_word_box=self.merge_level == "word",
        )
        if found.boxes is None or found.txts is None:
            return []
        if self.merge_level == "line":
            pairs = list(zip(found.txts, found.boxes, strict=True))
        else:
            pairs = [(word[0], word[2]) for line in found.word_results or () for word in line]
        made = [_piece(text, box, rgb.shape) for text, box in pairs if box is not None]
        return [piece for piece in made if piece.text_content]

    def teardown(self) -> None:
        """Let the networks go."""
        self._reader = None


def _piece(text: str, corners: Any, shape: Sequence[int]) -> OCRDenseItem:
    """A piece by its four corners in pixels."""
    height, width = shape[:2]
    places = np.asarray(corners, np.float64) * SCALE / (width, height)
    points = [(int(x), int(y)) for x, y in places.round().clip(0, SCALE)]
    xs, ys = zip(*points, strict=True)
    box = [min(xs), min(ys), max(xs), max(ys)]
    upright = {(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])} == set(points)
    return OCRDenseItem(
        bbox_2d=box, text_content=str(text).strip(), quad=None if upright else points
    )
