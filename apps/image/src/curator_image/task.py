"""Tasks of the image app: batches of pictures, with what is known of each."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.positional import positional
from curator_engine.task import Task


@positional(
    *("image_path", "image_id", "metadata", "image_data", "embedding", "aesthetic_score"),
    "nsfw_score",
)
@dataclass(kw_only=True)
class ImageObject:
    """One picture.

    Example:
        >>> ImageObject(image_path="photos/a.jpg", image_id="a").image_data is None
        True
    """

    image_path: str = ""
    """Where it lies: a file, or a tar and the member in it, as "shard.tar/000001.jpg"."""
    image_id: str = ""
    """Unique in the run."""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    """What else is known of it, by name."""
    image_data: NDArray[np.uint8] | None = None
    """Its pixels as RGB, shape (height, width, 3); None once they are no longer needed."""
    embedding: NDArray[np.float32] | None = None
    """Shape (dims,)."""
    aesthetic_score: float | None = None
    nsfw_score: float | None = None


@dataclass(kw_only=True)
class ImageBatch(Task[list[ImageObject]]):
    """Pictures that go through the stages together."""

    data: list[ImageObject] = field(default_factory=list[ImageObject])

    @property
    def num_items(self) -> int:
        """Pictures."""
        return len(self.data)


@positional("image_path", "image_id", "is_valid", "error")
@dataclass(kw_only=True)
class ImageTaskData:
    """One picture of a sample that a language model is asked about."""

    image_path: str | Path
    image_id: str | None = None
    is_valid: bool = True
    """Whether no stage has failed on it."""
    error: str | None = None
    """What failed, with the stage's name."""

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, for JSON: a path is one still."""
        return asdict(self)


@dataclass(kw_only=True)
class ImageSampleTask[T: ImageTaskData](Task[T]):
    """A picture that goes through the stages by itself."""

    @property
    def num_items(self) -> int:
        """One."""
        return 1
