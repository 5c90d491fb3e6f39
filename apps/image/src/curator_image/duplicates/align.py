"""Lay one grey picture over another, and say how much of them is the same picture.

The transform is a mirror or a turn by 90 degrees, then a similarity (scale, small rotation, shift);
the light may differ by a gain and an offset. A first guess comes from hashes of windows that agree.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Grey = NDArray[np.uint8]
TURNS = (
    *("", "mirrored", "upside down, mirrored", "turned by 180 degrees"),
    *("transposed", "turned by 90 degrees", "turned by 270 degrees", "transposed, upside down"),
)
"""Orientations in words, by number; see `index_kernels`."""
NOISE = 8.0
"""Variance of grey levels that says nothing: a window with less hardly counts."""

_LEVELS, _LEAST_SIDE = 3, 12
_ITERATIONS = (4, 6, 12)
"""Of each level, the finest first."""
_STEPS = (5, 3, 2)
"""Pixels between the points that a transform is fitted on: some 2,000, 1,400 and 800 of them."""
_TIGHT = 12.0
_HOPELESS = 0.45
"""Mean SSIM below which two pictures are not looked at more closely, whatever is asked."""
_SLACK = (0.0, 0.08, 0.2)
"""By how much two pictures may be less alike on a coarser level than what is asked; see docs/decisions/0025."""

_SLACK_OF_OVERLAP = 0.03
"""Likewise of the overlap, which is at least as large as the similarity."""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """From places in one picture to those in another, in pixels of their grey pictures.

    A place p is at (a, -b; b, a) * orientation * p + (x, y) of the other.
    """

    turn: int = 0
    """The orientation's number."""
    a: float = 1.0
    b: float = 0.0
    x: float = 0.0
    y: float = 0.0

    @property
    def scale(self) -> float:
        """Pixels of the other picture per pixel."""
        return math.hypot(self.a, self.b)

    def inverse(self) -> "Transform":
        """From the other picture to this one."""
        square = self.a**2 + self.b**2
        turn = matrix(self.turn)
        back = {5: 6, 6: 5}.get(self.turn, self.turn)
        mirrored = turn[0, 0] * turn[1, 1] - turn[0, 1] * turn[1, 0] < 0
        a, b = self.a / square, -self.b / square
        b = -b if mirrored else b
        u, v = matrix(back) @ (self.x, self.y)
        return Transform(turn=back, a=a, b=b, x=-(a * u - b * v), y=-(b * u + a * v))

    def __str__(self) -> str:
        """In words, for a report."""
        angle = math.degrees(math.atan2(self.b, self.a))
        words = [TURNS[self.turn]] if self.turn else []
        words += [f"scaled by {self.scale:.3f}"] if abs(self.scale - 1) > 0.005 else []
        words += [f"rotated by {angle:.1f} degrees"] if abs(angle) > 0.2 else []
        x, y = round(self.x), round(self.y)
        words += [f"shifted by {x}, {y}"] if x or y else []
        return ", ".join(words) or "as it is"


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """How two pictures lie over each other."""

    transform: Transform
    similarity: float
    """SSIM in the overlap, times the overlap."""
    overlap: float
    """Area of the overlap as a share of the smaller picture."""


def matrix(turn: int) -> NDArray[np.float64]:
    """An orientation's matrix, shape (2, 2)."""
    a, d = -1.0 if turn & 1 else 1.0, -1.0 if turn & 2 else 1.0
    return np.array([[0.0, d], [a, 0.0]] if turn & 4 else [[a, 0.0], [0.0, d]])


def levels_of(luma: Grey) -> list[Grey]:
    """A grey picture, a little softer, and at halves of its size."""
    kernels = _kernels()
    out: list[Grey] = [kernels.soften(luma)]
    while len(out) < _LEVELS + 2 and min(out[-1].shape) >= 2 * _LEAST_SIDE:
        out.append(kernels.halve(out[-1]))
    return out


def overlap_of(size: tuple[float, float], its_size: tuple[float, float], found: Transform) -> float:
    """The share of the smaller one of two pictures that lies over the other; points on a grid are looked at.

    Args:
        size: Width and height.
        its_size: Of the other one.
        found: To the other one.
    """
    share = _kernels().share_within(
        size, its_size, matrix(found.turn), found.a, found.b, found.x, found.y
    )
    area, its_area = math.prod(size), math.prod(its_size) / found.scale**2
    return min(1.0, share * area / min(area, its_area))


def align(
    query: list[Grey], kept: list[Grey], guess: Transform, *, least: float = 0.0
) -> Alignment | None:
    """Fit the transform from one picture to another, and measure; None if they are plainly different.

    Args:
        query: Of `levels_of`.
        kept: Likewise.
        guess: From the query to the kept one.
        least: Similarity that is asked for: who is plainly below it on a coarse level is not measured.
    """
    if guess.scale < 1:
        found = _align(kept, query, guess.inverse(), least)
        return found and Alignment(
            transform=found.transform.inverse(),
            similarity=found.similarity,
            overlap=found.overlap,
        )
    return _align(query, kept, guess, least)


def _align(grid: list[Grey], other: list[Grey], guess: Transform, least: float) -> Alignment | None:
    """Likewise, on the pixels of the coarser one."""
    apart = max(0, math.floor(math.log2(guess.scale) + 0.25))
    last = min(_LEVELS - 1, len(grid) - 1, len(other) - 1 - apart)
    if last < 0:
        return None
    kernels, turn = _kernels(), matrix(guess.turn)
    light, found, alike, overlap = (1.0, 0.0), guess, 0.0, 0.0
    for level in range(last, -1, -1):
        fit = _fit_of(found, turn, level, level + apart, light)
        kernels.refine(
            *(grid[level], other[level + apart], turn, fit),
            *(_STEPS[level], _ITERATIONS[level], _TIGHT),
        )
        found, light = _transform_of(fit, guess.turn, turn, level, level + apart)
        if not 0.5 < found.scale / guess.scale < 2 or light[0] < 0.2:
            return None
        mine, its = grid[level], other[level + apart]
        alike, covered, _ = kernels.compare(mine, its, turn, fit, NOISE)
        overlap = min(1.0, covered / min(mine.size, its.size / (fit[0] ** 2 + fit[1] ** 2)))
        hopeless = alike < _HOPELESS or overlap < least - _SLACK_OF_OVERLAP
        if hopeless or alike * overlap < least - _SLACK[level]:
            return None
    return Alignment(transform=found, similarity=float(alike) * overlap, overlap=overlap)


def _fit_of(
    found: Transform, turn: NDArray[np.float64], mine: int, its: int, light: tuple[float, float]
) -> NDArray[np.float64]:
    """A transform between edges of pixels as one between middles of pixels of two levels."""
    ratio = 2.0 ** (mine - its)
    a, b = found.a * ratio, found.b * ratio
    u, v = turn @ (0.5, 0.5)
    x, y = found.x / 2**its + a * u - b * v - 0.5, found.y / 2**its + b * u + a * v - 0.5
    return np.array([a, b, x, y, *light])


def _transform_of(
    fit: NDArray[np.float64], number: int, turn: NDArray[np.float64], mine: int, its: int
) -> tuple[Transform, tuple[float, float]]:
    """The way back, and the light."""
    a, b, x, y, gain, offset = (float(value) for value in fit)
    u, v = turn @ (0.5, 0.5)
    x, y = (x - a * u + b * v + 0.5) * 2**its, (y - b * u - a * v + 0.5) * 2**its
    ratio = 2.0 ** (its - mine)
    return Transform(turn=number, a=a * ratio, b=b * ratio, x=x, y=y), (gain, offset)


@cache
def _kernels() -> Any:
    """Numba takes a while to import."""
    from curator_image.duplicates import align_kernels

    return align_kernels
