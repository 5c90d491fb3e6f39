"""Luma, and that no number of a clip depends on the processor's BLAS or on its threads."""

import os
import subprocess
import sys

import numpy as np

from curator_video.read.luma import luma_of

NUMBERS = """
import hashlib
import numpy as np
from curator_video.read.luma import luma_of
from curator_video.read.tone_map import tone_mapped
from curator_video.scores.fingerprint import of_frames
from curator_video.scores.motion import frame_difference, vector_motion
from curator_video.shots.changes import measure_changes

draw = np.random.default_rng(0)
still = draw.integers(0, 256, (27, 48, 3))
thumbs = (still + np.cumsum(draw.integers(-9, 10, (60, 27, 48, 3)), axis=0)).clip(0, 255).astype(np.uint8)
found = [luma_of(thumbs), of_frames(thumbs, high=0.11, wide=0.07), tone_mapped(thumbs / 255, "hlg")]
found += frame_difference(luma_of(thumbs), np.arange(60) / 24).values()
found += vector_motion(draw.random((60, 8, 8), np.float32), (1080, 1920)).values()
found += vars(measure_changes(thumbs)).values()
print(*(hashlib.sha256(np.ascontiguousarray(each).tobytes()).hexdigest() for each in found))
"""


def test_green_weighs_most():
    found = luma_of(np.eye(3, dtype=np.uint8)[None] * 255)
    assert found[0].round().tolist() == [76, 150, 29]


def digests(core, threads):
    """Digests of the numbers of a drawn clip, on the processor that OpenBLAS takes this one for."""
    environment = {**os.environ, "OPENBLAS_CORETYPE": core, "OPENBLAS_NUM_THREADS": threads}
    command = [sys.executable, "-c", NUMBERS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_numbers_do_not_depend_on_blas_or_threads():
    expected = digests("Haswell", "2")
    assert digests("Prescott", "2") == expected
    assert digests("SkylakeX", "1") == expected
