"""What `curator-image curate` and `dedup` cost as pictures become more: CPU time, memory, and how both grow.

Two hundred pictures are changed in many ways, as JPEGs of 1024x768. CPU time of `curate` stands beside a
full decode by Pillow of the same files in the same run, which is what any tool pays before it computes
anything; `dedup` looks for copies again by the stored fingerprints, which `curate` does as well. With
--peers the same pictures are hashed and searched by imagededup's PHash within a distance of 10. With
--large there are 100,000 pictures, which take 10 GB of the temporary folder until the end.
"""

import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from cost import exponent
from image_bases import bases
from measure import Cost, measured
from numpy.typing import NDArray
from peers import HERE, install
from PIL import Image

from curator_engine.executors.local import LocalExecutor
from curator_image.copy_options import CopyOptions
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE
from curator_image.images.decide import without_copies
from curator_image.images.image_table import IMAGES
from curator_image.images.originals import Originals
from curator_image.pipelines.curate import CurateWorkflow
from curator_image.settings import CurateSettings

_BASES, _SIZE, _ROOM, _QUALITY = 200, (1024, 768), (1152, 864), 85
_DECODED = 1000
"""Pictures that are decoded for comparison, at most; evenly over all."""
_MOST_DECODES, _MOST_EXPONENT = 2.0, 1.3
_FOLDER = 1000
_QUICK, _SIZES, _LARGE = [200, 400, 800], [2000, 6000, 18_000], [11_000, 33_000, 100_000]
"""Numbers of pictures: of a quick turn, a whole one, and a large one, at last 500 changes of each."""


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What a number of pictures cost."""

    size: int
    curate: Cost
    dedup: Cost
    decode: float
    """CPU seconds of a full decode of all."""
    start: float
    """CPU seconds of `curate` of one picture."""

    @property
    def measured(self) -> float:
        """Full decodes that decoding, measuring and fingerprinting took."""
        return self.curate.value[1] / self.decode

    @property
    def decodes(self) -> float:
        """Full decodes that all of `curate` took, past its start-up."""
        return (self.curate.cpu - self.start) / self.decode

    def line(self) -> str:
        """As it is printed."""
        return (
            f"  {self.size:>7,}: curate {self.curate.cpu:7.1f} CPU-s, {self.curate.memory / 1e6:5.0f} MB, "
            f"past start-up {self.decodes:.2f} full decodes ({self.decode:.1f} CPU-s), of which decoding and "
            f"measuring {self.measured:.2f}; dedup {self.dedup.cpu:6.1f} CPU-s, "
            f"{self.dedup.memory / 1e6:5.0f} MB, {self.size / self.dedup.cpu:,.0f} pictures per CPU-s; "
            f"{self.curate.value[0]:,} kept"
        )


def run(
    folder: Path, *, quick: bool = False, large: bool = False, peers: bool = False
) -> list[str]:
    """Print the report; returns what does not hold."""
    sizes = _QUICK if quick else _LARGE if large else _SIZES
    return judge(folder, sizes=sizes, python=install(folder, "imagededup") if peers else None)


def judge(folder: Path, *, sizes: list[int], python: Path | None = None) -> list[str]:
    """Print the report; returns what does not hold.

    Args:
        folder: For the pictures and the results.
        sizes: Numbers of pictures, growing.
        python: Of an environment with imagededup, if it is to stand beside.
    """
    paths = _draw(folder / "in", max(sizes))
    total = sum(path.stat().st_size for path in islice(paths, 1000)) / min(1000, len(paths))
    print(f"image_cost: JPEGs of 1024x768, {total / 1e3:.0f} kB each, {_BASES} pictures changed")
    start = [measured(curate, [str(paths[0])], str(folder / f"start-{turn}")) for turn in (0, 1)]
    base = min(each.cpu for each in start)
    runs: list[_Run] = []
    for size in sizes:
        runs.append(_measure(folder, paths[:size], base))
        if python:
            print(_peer(folder, python, paths[:size]), flush=True)
    time_of = exponent(sizes, [each.curate.cpu - base for each in runs])
    dedup_time = exponent(sizes, [each.dedup.cpu for each in runs])
    memory = exponent(sizes, [float(each.curate.memory) for each in runs])
    print(
        f"  exponents past start-up ({base:.1f} CPU-s): curate {time_of:.2f}, dedup {dedup_time:.2f}; "
        f"memory of curate {memory:.2f}"
    )
    ratio = runs[-1].decodes
    wrong = [f"image_cost: curate takes {ratio:.2f} full decodes"] if ratio > _MOST_DECODES else []
    return wrong + [
        f"image_cost: the exponent of {name} is {value:.2f}"
        for name, value in {"curate": time_of, "dedup": dedup_time, "memory": memory}.items()
        if value > _MOST_EXPONENT
    ]


def curate(inputs: list[str], output: str) -> tuple[int, float]:
    """Curate without models; how many pictures stay, and CPU seconds of decoding and measuring."""
    workflow = CurateWorkflow(settings=CurateSettings(inputs=inputs, output=output))
    kept: int = workflow.run(LocalExecutor()).metadata["kept"]
    return kept, workflow.steps.cpu_seconds["measure"] if workflow.steps else 0.0


def dedup(output: str) -> int:
    """Look for copies again, as the command does; how many pictures stay."""
    table, prints = IMAGES.read(output), FINGERPRINT_FILE.open(output)
    table = without_copies(table, prints, CopyOptions(), data_of=Originals(table))
    return sum(bool(keep) for keep in table.column("keep").to_pylist())


def decode(paths: list[Path]) -> None:
    """Decode each in full."""
    for path in paths:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            image.load()


def _measure(folder: Path, paths: list[Path], start: float) -> _Run:
    output = str(folder / f"out-{len(paths)}")
    some = paths[:: -(-len(paths) // _DECODED)]
    before = measured(decode, some)
    # Folders are full but for the last, whose files are named.
    whole = len(paths) // _FOLDER * _FOLDER
    inputs = [str(each) for each in dict.fromkeys(path.parent for path in paths[:whole])]
    made = measured(curate, [*inputs, *map(str, paths[whole:])], output)
    after = measured(decode, some)
    seconds = (before.cpu + after.cpu) / 2 / len(some) * len(paths)
    found = _Run(
        size=len(paths),
        curate=made,
        dedup=measured(dedup, output),
        decode=seconds,
        start=start,
    )
    print(found.line(), flush=True)
    shutil.rmtree(output)
    return found


def _peer(folder: Path, python: Path, paths: list[Path]) -> str:
    """What imagededup takes for the same pictures, as it is printed."""
    source, out = folder / "paths.txt", folder / "seconds.json"
    source.write_text("\n".join(map(str, paths)), encoding="utf-8")
    script = HERE / "peers" / "imagededup_search.py"
    subprocess.run([python, script, source, out], check=True)
    took = json.loads(out.read_text(encoding="utf-8"))
    return (
        f"           imagededup's PHash: {took['hash']:.1f} CPU-s to hash, {took['search']:.2f} to search, "
        f"{len(paths) / took['search']:,.0f} pictures per CPU-s; {took['copies']:,} have a copy"
    )


def _draw(folder: Path, count: int) -> list[Path]:
    """Pictures changed in turn, so that the first few have copies of each too; drawn ones are kept."""
    paths = [folder / f"{number // _FOLDER:04d}" / f"{number:06d}.jpg" for number in range(count)]
    if paths[-1].is_file():
        return paths
    for each in dict.fromkeys(path.parent for path in paths):
        each.mkdir(parents=True, exist_ok=True)
    pictures = [
        each.picture.convert("RGB").resize(_ROOM, Image.Resampling.BICUBIC)
        for each in islice(chain(bases("tuning"), bases("held-out")), _BASES)
    ]
    for path, data in zip(paths, _changed(pictures), strict=False):
        path.write_bytes(data)
    return paths


def _changed(pictures: list[Image.Image]) -> Iterator[bytes]:
    """One picture after the other, round and round: cut elsewhere, darker or brighter, mirrored, written on."""
    draw = np.random.default_rng(0)
    wide, high = _SIZE
    levels = np.arange(256)
    while True:
        for picture in pictures:
            left, top = map(int, draw.integers(0, np.subtract(_ROOM, _SIZE) + 1))
            changed = picture.crop((left, top, left + wide, top + high))
            if draw.random() < 0.25:
                changed = changed.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            light: NDArray[np.uint8] = (
                (levels * draw.uniform(0.7, 1.3)).clip(0, 255).astype(np.uint8)
            )
            changed = changed.point(light.tolist() * 3)
            if draw.random() < 0.3:
                x, y = map(int, draw.integers(0, (wide - 160, high - 60)))
                colour = tuple(map(int, draw.integers(0, 256, 3)))
                changed.paste(colour, (x, y, x + 160, y + 60))
            out = io.BytesIO()
            changed.save(out, "JPEG", quality=_QUALITY)
            yield out.getvalue()
