"""How much moves in a clip: by the codec's motion vectors, and by how frames differ.

Only numbers; `drop_clips.py` decides what moves too little.
"""

import numpy as np
from numpy.typing import NDArray

from curator_video.scores.resample import averaged

PATCH = 256
"""Side of a patch in pixels of the source."""
_APART = 0.1
_PATCHES = 3


def vector_motion(motion: NDArray[np.float32], size: tuple[int, int]) -> dict[str, float]:
    """Motion by vectors, as NeMo Curator counts it.

    Args:
        motion: Mean length of the vectors, as a ratio of height plus width, shape (stills, 8, 8);
            NaN where there are none.
        size: Height and width of the source in pixels.

    Returns:
        "motion_global_mean": the mean over time and picture. "motion_per_patch_min_256": the lowest
        of the means over time in patches of about 256 pixels; a source smaller than that is one
        patch, one larger than 2048 has eight along that side. Empty if the codec has no vectors.
    """
    known = ~np.isnan(motion).all(axis=(1, 2))
    if not known.any():
        return {}
    mean = np.nan_to_num(motion[known]).mean(axis=0, dtype=np.float64)
    patches = mean
    for axis, (cells, side) in enumerate(zip(mean.shape, size, strict=True)):
        patches = averaged(patches, min(cells, max(1, round(side / PATCH))), axis=axis)
    return {
        "motion_global_mean": float(mean.mean()),
        "motion_per_patch_min_256": float(max(0.0, patches.min())),
    }


def frame_difference(luma: NDArray[np.float32], times: NDArray[np.float64]) -> dict[str, float]:
    """Motion by how much the picture changes, for codecs without vectors.

    Args:
        luma: Frames, 0 to 255, shape (frames, height, width).
        times: When each is shown, in seconds.

    Returns:
        "frame_difference": the mean change of a point in a tenth of a second, as a ratio of the
        range from black to white. "frame_difference_per_patch_min": the lowest of its means over
        time in the nine parts of the picture. Both are 0 for a single frame.
    """
    first, later = pairs_apart(times, _APART)
    if not len(first):
        return {"frame_difference": 0.0, "frame_difference_per_patch_min": 0.0}
    change = np.abs(luma[later] - luma[first]).mean(axis=0, dtype=np.float64) / 255
    patches = change
    for axis, cells in enumerate(change.shape):
        patches = averaged(patches, min(cells, _PATCHES), axis=axis)
    return {
        "frame_difference": float(change.mean()),
        "frame_difference_per_patch_min": float(patches.min()),
    }


def pairs_apart(
    times: NDArray[np.float64], seconds: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of frames that are at least so far apart, and as little more as there is.

    Returns:
        The numbers of the first and of the second frames. If the frames all lie closer together,
        the first and the last of them are the only pair; none if there is one frame.
    """
    later = np.searchsorted(times, times + seconds - 1e-6)
    first = np.flatnonzero(later < len(times))
    if len(first) or len(times) < 2:
        return first, later[first].astype(np.int64)
    return np.array([0]), np.array([len(times) - 1])
