"""What stages on batches of pictures share: which pictures they look at, and where scores go."""

import importlib
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import batched
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import ResourceError
from curator_engine.items.item import Item
from curator_image.task import ImageBatch, ImageObject


def item_of(image: ImageObject) -> Item | None:
    """What a run knows of a picture; None outside of one."""
    item = image.metadata.get("item")
    return item if isinstance(item, Item) else None


def set_score(image: ImageObject, name: str, value: float) -> None:
    """Set a score: a column of the run's table, else an entry of the picture's metadata."""
    item = item_of(image)
    scores = image.metadata if item is None else item.scores
    scores[name] = value


def set_error(image: ImageObject, stage: str, reason: str) -> None:
    """Note why a stage could not score a picture; it goes on without that score."""
    item = item_of(image)
    if item is not None:
        item.errors[stage] = reason
    else:
        image.metadata[f"{stage}_error"] = reason


def with_pixels(task: ImageBatch) -> list[tuple[ImageObject, NDArray[np.uint8]]]:
    """The pictures of a batch that are not dropped, with their pixels."""
    return [
        (image, image.image_data)
        for image in task.data
        if image.image_data is not None and not is_dropped(image)
    ]


def some_at_a_time(
    task: ImageBatch, size: int
) -> Iterator[tuple[tuple[ImageObject, NDArray[np.uint8]], ...]]:
    """The pictures of a batch that are not dropped, with their pixels, so many at once."""
    return batched(with_pixels(task), size)


def is_dropped(image: ImageObject) -> bool:
    """Whether an earlier stage has dropped a picture, as one that cannot be read."""
    item = item_of(image)
    return item is not None and bool(item.drop_reason)


def look_for(module: str, *, option: str, extra: str) -> None:
    """Look whether an optional package is there, for use before any work.

    Raises:
        ResourceError: It is not installed.
    """
    if find_spec(module) is None:
        raise _missing(module, option, extra)


def need(module: str, *, option: str, extra: str) -> Any:
    """A module of an optional package.

    Raises:
        ResourceError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _missing(error.name, option, extra) from error


def _missing(module: str | None, option: str, extra: str) -> ResourceError:
    return ResourceError(
        f"{option} needs the extra {extra!r} of curator-image ({module} is missing); install it."
    )
