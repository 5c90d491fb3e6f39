"""What `curate` does per picture beside a decode: CPU time of decoding, measuring and fingerprinting JPEGs.

Each is measured against a full decode by Pillow of the same files in the same turn, which is what any
tool pays before it computes anything.
"""

import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from image_bases import bases
from PIL import Image, ImageEnhance

from curator_image.duplicates.fingerprint import fingerprint
from curator_image.read.picture import open_picture
from curator_image.scores.measure import measure

_SIZE, _QUALITY, _TURNS = (1024, 768), 90, 5
_MOST = 2.0
"""Times the CPU time of a full decode that decoding, measures and fingerprint may take."""


def run(folder: Path, *, size: int) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the pictures.
        size: How many to draw.
    """
    paths = _draw(folder, size)
    total = sum(path.stat().st_size for path in paths)
    print(f"image_speed: {len(paths):,} JPEGs of 1024x768, {total / len(paths) / 1e3:.0f} kB each")
    # Kernels are compiled when they are called first.
    _turn(paths[:1])
    turns = [_turn(paths) for _ in range(_TURNS)]
    ratios = [turn["decode, measures, fingerprint"] / turn["full decode"] for turn in turns]
    for name in turns[0]:
        each = sorted(turn[name] / len(paths) * 1e3 for turn in turns)
        print(f"  {name:30} {each[len(each) // 2]:6.2f} CPU ms ({each[0]:.2f} to {each[-1]:.2f})")
    middle = float(np.median(ratios))
    print(f"  ratio to a full decode: {middle:.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    return [] if middle <= _MOST else [f"image_speed: {middle:.2f} full decodes, not {_MOST}"]


def _turn(paths: list[Path]) -> dict[str, float]:
    """CPU seconds of each way; all take one picture after another, so that they see the same load."""
    ways: dict[str, Callable[[bytes], object]] = {
        "full decode": _decode,
        "decode": open_picture,
        "decode, measures": lambda data: measure(open_picture(data)),
        "decode, measures, fingerprint": _all,
    }
    seconds = dict.fromkeys(ways, 0.0)
    for path in paths:
        data = path.read_bytes()
        for name, way in ways.items():
            start = time.process_time()
            way(data)
            seconds[name] += time.process_time() - start
    return seconds


def _decode(data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as image:
        image.load()


def _all(data: bytes) -> None:
    picture = open_picture(data)
    measure(picture)
    fingerprint(picture, data, "x")


def _draw(folder: Path, size: int) -> list[Path]:
    """Crops of the benchmark's pictures, each a little brighter or darker, as JPEG."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [base.picture.convert("RGB") for base in bases("tuning")]
    draw = np.random.default_rng(0)
    paths: list[Path] = []
    for number in range(size):
        picture = pictures[number % len(pictures)]
        share = draw.uniform(0.6, 1.0)
        wide, high = (max(1, int(side * share)) for side in picture.size)
        left, top = (
            int(draw.integers(0, rest + 1))
            for rest in (picture.width - wide, picture.height - high)
        )
        cut = picture.resize(
            _SIZE, Image.Resampling.BICUBIC, box=(left, top, left + wide, top + high)
        )
        path = folder / f"{number:06d}.jpg"
        ImageEnhance.Brightness(cut).enhance(draw.uniform(0.7, 1.3)).save(path, quality=_QUALITY)
        paths.append(path)
    return paths
