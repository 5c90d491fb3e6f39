"""Frames of a video, and what gives them: one interface over all decoders.

Decoding with PyAV is `decode.py`'s, with other packages `array_decoders.py`'s.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from curator_video.read.time_stamps import Part

type Picture = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""


@dataclass(kw_only=True)
class Frame(ABC):
    """One frame; what is asked for is computed then, and only while it is the decoder's present one."""

    number: int
    """In the order of showing, from 0; -1 if the frame was looked for by its time."""
    time: float
    """Seconds from the first frame."""
    duration: float
    """Seconds for which it is shown, as far as the file says."""
    key: bool
    """Whether decoding can start here."""
    damaged: bool = False
    """Whether the decoder says that it is damaged, or made up from others."""
    interlaced: bool = False
    """Whether the stream says that its rows are of two times."""

    @abstractmethod
    def rgb(self, size: tuple[int, int] | None = None) -> Picture:
        """The frame as it is shown: turned, with square pixels.

        Args:
            size: Width and height to which it is squeezed; its own unless given.
        """

    @abstractmethod
    def luma(self) -> NDArray[np.uint8]:
        """Brightness of the stored picture, not turned, shape (height, width)."""

    @abstractmethod
    def motion(self) -> NDArray[np.float32] | None:
        """Mean length of the motion vectors by cell, shape (8, 8), as a ratio of height plus width.

        None where the decoder has no vectors for this frame.
        """

    @property
    @abstractmethod
    def size(self) -> tuple[int, int]:
        """Width and height in the pixels of the file, after turning."""

    @property
    @abstractmethod
    def shown_size(self) -> tuple[int, int]:
        """Width and height in square pixels, after turning."""


class Decoder(ABC):
    """A video file from which frames are taken."""

    error: str = ""
    """After `frames`: what could not be decoded; empty if all could."""
    parts: list[Part]
    """After `frames`: the stretches between jumps of the time stamps; one where they do not jump."""

    @abstractmethod
    def frames(self, *, motion: bool = False) -> Iterator[Frame]:
        """All frames in the order of showing; their times rise.

        Args:
            motion: Whether `Frame.motion` will be asked for.

        Raises:
            VideoError: The file cannot be read at all.
        """

    @abstractmethod
    def at_times(self, times: Sequence[float]) -> Iterator[Frame]:
        """The frame that is shown at each of these times, in their order; rising ones are faster.

        Args:
            times: Seconds from the first frame; after the end it is the last frame.

        Raises:
            VideoError: The file cannot be read, or no frame can be decoded there.
        """

    @abstractmethod
    def at_numbers(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """The frames of these numbers, in their order; rising ones are faster.

        A track knows the time of each frame, so `at_times` spares looking through the packets.

        Raises:
            VideoError: The file cannot be read, or has no such frame.
        """


@dataclass(kw_only=True)
class ArrayFrame(Frame):
    """A frame that a decoder gave as an array."""

    picture: Picture
    """As it is shown, but with the pixels of the file."""
    aspect: float = 1.0
    """Width of a pixel divided by its height."""

    def rgb(self, size: tuple[int, int] | None = None) -> Picture:
        """As in `Frame`."""
        return resized(self.picture, size or self.shown_size)

    def luma(self) -> NDArray[np.uint8]:
        """As in `Frame`; computed from RGB."""
        return np.asarray(Image.fromarray(self.picture).convert("L"))

    def motion(self) -> NDArray[np.float32] | None:
        """None: arrays come without vectors."""
        return None

    @property
    def size(self) -> tuple[int, int]:
        """As in `Frame`."""
        return self.picture.shape[1], self.picture.shape[0]

    @property
    def shown_size(self) -> tuple[int, int]:
        """As in `Frame`."""
        height, width = self.picture.shape[:2]
        if self.aspect >= 1:
            return max(1, round(width * self.aspect)), height
        return width, max(1, round(height / self.aspect))


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """The picture squeezed to width and height."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))
