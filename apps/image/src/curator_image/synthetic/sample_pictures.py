"""The picture of a sample, read from its path; and samples that a stage fails on, which go on with their reason."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import PipelineError
from curator_engine.files.storage import input_errors, open_read
from curator_image.read.picture import open_picture
from curator_image.synthetic.ocr_data import OCRData
from curator_image.task import ImageSampleTask, ImageTaskData


def pixels_of(data: ImageTaskData, *, side: int) -> NDArray[np.uint8]:
    """A sample's picture as RGB, upright, shape (height, width, 3), both at most `side`.

    Raises:
        UnreadableFileError: Its file cannot be read.
        PictureError: It is no picture, or a damaged one.
    """
    path = str(data.image_path)
    with input_errors(path), open_read(path) as file:
        return open_picture(file.read(), side=side).rgb


def name_of(data: ImageTaskData) -> str:
    """The name of a sample's picture, without its folder."""
    return Path(data.image_path).name


def fail(data: ImageTaskData, stage: str, reason: object) -> None:
    """Note on a sample why a stage could not do its work; later stages pass it by."""
    data.is_valid = False
    data.error = f"{stage}: {' '.join(str(reason).split()) or type(reason).__name__}"


def text_data(task: ImageSampleTask[Any], stage: str) -> OCRData:
    """The data of a sample that has room for text.

    Raises:
        PipelineError: It is of another class.
    """
    found = task.data
    if not isinstance(found, OCRData):
        raise PipelineError(
            f"{stage} takes samples of OCRData, not of {type(found).__name__}; give the reader "
            "task_type=OCRData."
        )
    return found
