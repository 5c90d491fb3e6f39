"""Run the benchmarks: `python benchmarks/run.py [--quick] [--peers] [--large] [dedup|quality|cost|filters|repeats|decontaminate|langid|extract|tokenize|shuffle|train|speed|executors|memory|clips|shots|images|image_cost|image_speed|audio|audio_speed ...]`.

Each prints its figures; the exit code is 1 if a promise does not hold.
"""

import argparse
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import audio
import audio_speed
import clips
import cost
import decontaminate
import dedup
import executors
import extract
import filter_peers
import filters
import image_cost
import image_speed
import images
import langid
import large
import memory
import quality
import repeats
import shots
import speed
import tokenize_texts
import train

_SIZED = {
    "quality": (quality.run, 4_000_000, 20_000_000),
    "filters": (filters.run, 4_000_000, 100_000_000),
    "image_speed": (image_speed.run, 200, 2_000),
    "audio_speed": (audio_speed.run, 60, 600),
}
"""What takes a corpus of some bytes, so many pictures, or so many seconds: of a quick turn, and of a whole one."""
_GROWING = {
    "tokenize": (
        tokenize_texts.tokenize,
        [1_000_000, 4_000_000],
        [5_000_000, 20_000_000, 80_000_000],
    ),
    "shuffle": (
        tokenize_texts.shuffle,
        [1_000_000, 4_000_000],
        [5_000_000, 20_000_000, 80_000_000],
    ),
    "cost": (cost.run, [500, 1000, 2000, 4000], [5000, 10_000, 20_000, 40_000]),
    "repeats": (repeats.run, [1_000_000, 4_000_000], [20_000_000, 80_000_000, 320_000_000]),
    "decontaminate": (
        decontaminate.run,
        [1_000_000, 4_000_000],
        [40_000_000, 100_000_000, 250_000_000],
    ),
}
"""What takes corpora of several sizes: of a quick turn, and of a whole one."""
_OWN = {
    "langid": langid.run,
    "extract": extract.run,
    "train": train.run,
    "clips": clips.run,
    "shots": shots.run,
    "audio": audio.run,
}
"""What takes its own texts, videos or recordings."""


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    names = (
        "dedup",
        "quality",
        "cost",
        "filters",
        "repeats",
        "decontaminate",
        "image_cost",
        "tokenize",
        "shuffle",
        "image_speed",
        "audio_speed",
        "speed",
        "executors",
        "memory",
        "images",
        *_OWN,
    )
    parser.add_argument("names", nargs="*", choices=[*names, []], metavar="|".join(names))
    parser.add_argument("--quick", action="store_true", help="small inputs, one turn")
    parser.add_argument(
        "--peers",
        action="store_true",
        help="dedup, filters, images, image_cost: other tools as well",
    )
    parser.add_argument(
        "--large",
        action="store_true",
        help="dedup: 8 GB within 1 GB of memory; image_cost: 100,000 pictures, 10 GB of disk",
    )
    arguments = parser.parse_args()
    quick: bool = arguments.quick
    own = {
        **_OWN,
        "images": partial(images.run, peers=arguments.peers),
        "image_cost": partial(image_cost.run, peers=arguments.peers, large=arguments.large),
    }
    wrong: list[str] = []
    for name in arguments.names or names:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="curator-bench-") as folder:
            place = Path(folder)
            if name == "dedup":
                sizes = [4_000_000] if quick else [50_000_000, 400_000_000, 1_600_000_000]
                wrong += dedup.run(
                    place,
                    sizes=sizes,
                    repeats=1 if quick else 2,
                    judge=not quick,
                    peers=arguments.peers,
                )
                if arguments.large:
                    size, most = (40_000_000, "500MB") if quick else (8_000_000_000, "1GB")
                    wrong += large.run(place, size=size, memory=most)
            elif name in _SIZED:
                work, small, large_size = _SIZED[name]
                wrong += work(place, size=small if quick else large_size)
                beside = (200 if quick else 10_000) if name == "filters" and arguments.peers else 0
                wrong += filter_peers.run(place, filters.documents(beside)) if beside else []
            elif name in _GROWING:
                work, few, many = _GROWING[name]
                wrong += work(place, sizes=few if quick else many)
            elif name == "executors":
                wrong += executors.run(
                    place, sizes=(4, 40) if quick else (20, 400), judge=not quick
                )
            elif name in own:
                wrong += own[name](place, quick=quick)
            elif name == "memory":
                wrong += memory.run(tasks=500 if quick else 10_000)
            else:
                size, repeats = (20_000_000, 1) if quick else (200_000_000, 3)
                wrong += speed.run(place, size=size, repeats=repeats)
        print(f"  ({time.perf_counter() - start:.0f} s)\n")
    for problem in wrong:
        print(f"does not hold: {problem}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
