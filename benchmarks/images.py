"""Near-duplicate pictures: change real and drawn pictures, and count which copies are found.

Beside it stand plain pHash and dHash at a Hamming distance of 10, written here; with --peers those of
imagededup, whose threshold this is. Both halves go through the same settings; the held-out one was
not looked at when they were chosen. Pictures that look alike and are none are mixed in.
"""

import json
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from image_bases import Base, bases, hard_negatives, photographed, saved, scene
from image_edits import EDITS
from numpy.typing import NDArray
from peers import HERE, install
from PIL import Image

from curator_image.duplicates.fingerprint import FINGERPRINTS, fingerprint
from curator_image.duplicates.near import find_near
from curator_image.read.picture import Picture, open_picture

_HAMMING = 10
_MIN_RECALL = 0.90
_MAX_EXPONENT = 1.3
_COSINES = np.cos(np.pi * np.arange(8)[:, None] * (2 * np.arange(32)[None, :] + 1) / 64)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture of the benchmark."""

    base: Base
    change: str
    """Empty for the picture itself."""
    row: dict[str, Any]
    """Its fingerprint."""
    phash: int
    dhash: int


def run(place: Path, *, quick: bool = False, peers: bool = False) -> list[str]:
    """Print recall, false pairs and cost; returns what does not hold."""
    return judge(place, quick=quick, python=install(place, "imagededup") if peers else None)


def judge(place: Path, *, quick: bool, python: Path | None) -> list[str]:
    """The same; `python` is that of an environment with imagededup, if it is to stand beside."""
    fingerprint(open_picture(saved(scene(0))))  # compiles
    wrong: list[str] = []
    for half in ("tuning", "held-out"):
        folder = place / half
        folder.mkdir()
        shown = list(_shown(half, every=6 if quick else 1, folder=folder))
        wrong += _judge(half, shown, _peer_hashes(folder, python) if python else _own(shown))
    return wrong + _cost([100, 200, 400] if quick else [1000, 3000, 9000])


def _own(shown: list[Shown]) -> dict[str, list[int]]:
    return {"pHash": [each.phash for each in shown], "dHash": [each.dhash for each in shown]}


def _peer_hashes(folder: Path, python: Path) -> dict[str, list[int]]:
    """Imagededup's hashes of the pictures in a folder, in the order of their names."""
    out = folder.with_suffix(".json")
    start = time.perf_counter()
    script = HERE / "peers" / "imagededup_peer.py"
    subprocess.run([str(python), str(script), str(folder), str(out)], check=True)
    found: dict[str, list[str]] = json.loads(out.read_text(encoding="utf-8"))
    print(f"  imagededup: four hashes of each picture in {time.perf_counter() - start:.0f} s")
    return {name: [int(each, 16) for each in hashes] for name, hashes in found.items()}


def _shown(half: str, *, every: int, folder: Path) -> Iterator[Shown]:
    """The pictures that may stay first, then the changed copies; each is a file in the folder too."""
    for number, (base, change, data) in enumerate(_pictures(half, every=every)):
        (folder / f"{number:06}").write_bytes(data)
        yield _measured(base, change, data)


def _pictures(half: str, *, every: int) -> Iterator[tuple[Base, str, bytes]]:
    chosen = list(bases(half))[::every]
    for base in chosen:
        yield base, "", saved(base.picture)
    for base in hard_negatives():
        yield base, "", photographed(base.picture)
    for number, base in enumerate(chosen):
        for place, (change, edit) in enumerate(EDITS.items()):
            random = np.random.default_rng(100 * number + place)
            yield base, change, edit(base.picture, random)


def _measured(base: Base, change: str, data: bytes) -> Shown:
    picture = open_picture(data)
    row = fingerprint(picture, data)
    return Shown(base=base, change=change, row=row, phash=_phash(picture), dhash=_dhash(picture))


def _bits(places: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(places.ravel()).tobytes(), "big")


def _phash(picture: Picture) -> int:
    grey = Image.fromarray(picture.rgb).convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    block = _COSINES @ np.asarray(grey, float) @ _COSINES.T
    return _bits(block > np.median(block))


def _dhash(picture: Picture) -> int:
    grey = Image.fromarray(picture.rgb).convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    pixels = np.asarray(grey, int)
    return _bits(pixels[:, 1:] > pixels[:, :-1])


def _judge(half: str, shown: list[Shown], hashes: dict[str, list[int]]) -> list[str]:
    ids = [f"{number:06}" for number in range(len(shown))]
    table = pa.Table.from_pylist(
        [{**each.row, "uuid": uuid} for uuid, each in zip(ids, shown, strict=True)],
        schema=FINGERPRINTS,
    )
    start = time.process_time()
    found = {int(row["uuid"]): row for row in find_near(table, ids).to_pylist()}
    seconds = time.process_time() - start
    count = sum(not each.change for each in shown)
    print(
        f"  {half}: {count} pictures and {len(shown) - count} changed copies; {seconds:.1f} CPU-s"
    )
    ours = {at: [int(row["kept_id"])] for at, row in found.items()}
    answers = {
        "ours": ours,
        **{name: _within(shown, each) for name, each in hashes.items()},
    }
    recall = _print_recall(shown, answers)
    wrong = _print_pairs(shown, answers)
    missed = defaultdict[str, list[str]](list)
    for at, each in enumerate(shown):
        if each.change and not _hit(shown, at, ours.get(at, [])):
            missed[each.base.name].append(each.change)
    for name, changes in missed.items():
        all_of_them = "all changes" if len(changes) == len(EDITS) else ", ".join(changes)
        print(f"    missed of {name}: {all_of_them}")
    if recall < _MIN_RECALL:
        wrong.append(f"{half}: recall {recall:.3f} is below {_MIN_RECALL}")
    return wrong


def _within(shown: list[Shown], hashes: list[int]) -> dict[int, list[int]]:
    """For each picture the unchanged ones before it at that distance."""
    plain = [at for at, each in enumerate(shown) if not each.change]
    known = np.array([hashes[at] for at in plain], np.uint64)
    out: dict[int, list[int]] = {}
    for at, value in enumerate(hashes):
        near = np.flatnonzero(np.bitwise_count(known ^ np.uint64(value)) <= _HAMMING)
        if before := [plain[k] for k in near if plain[k] < at]:
            out[at] = before
    return out


def _hit(shown: list[Shown], at: int, answer: list[int]) -> bool:
    """Whether one of an answer shows the same, or another frame of the same film."""
    return any(shown[k].base.source == shown[at].base.source for k in answer)


def _print_recall(shown: list[Shown], answers: dict[str, dict[int, list[int]]]) -> float:
    """Of each change: copies found, and copies that were taken for another picture."""
    total = Counter(each.change for each in shown if each.change)
    hit: Counter[tuple[str, str]] = Counter()
    false: Counter[tuple[str, str]] = Counter()
    for name, answer in answers.items():
        for at, each in enumerate(shown):
            pairs = answer.get(at, [])
            hit[name, each.change] += _hit(shown, at, pairs)
            false[name, each.change] += any(not _hit(shown, at, [k]) for k in pairs)
    print(f"    {'found (taken for another)':26}" + "".join(f"{name:>16}" for name in answers))
    for change, count in total.items():
        cells = [f"{hit[n, change]}/{count} ({false[n, change]})" for n in answers]
        print(f"    {change:26}" + "".join(f"{cell:>16}" for cell in cells))
    every = sum(total.values())
    shares = [sum(hit[n, c] for c in total) / every for n in answers]
    print(f"    {'all':26}" + "".join(f"{share:>16.3f}" for share in shares))
    return shares[0]


def _print_pairs(shown: list[Shown], answers: dict[str, dict[int, list[int]]]) -> list[str]:
    """Pairs of unchanged pictures: frames of a film by the number, all others by name."""
    wrong: list[str] = []
    for name, answer in answers.items():
        films, others = 0, list[str]()
        for at, near in answer.items():
            for k in near if not shown[at].change else ():
                mine, its = shown[at].base, shown[k].base
                if mine.source == its.source and "@" in mine.name:
                    films += 1
                else:
                    others.append(f"{mine.name} = {its.name}")
        print(f"    {name}: {films} pairs of frames of one film; {len(others)} wrong pairs")
        print("".join(f"      {pair}\n" for pair in others[:6]), end="")
        if name == "ours":
            wrong += [f"taken for duplicates: {pair}" for pair in others]
            taken = [at for at, near in answer.items() if not _hit(shown, at, near)]
            wrong += [
                f"{shown[at].base.name}, {shown[at].change}, was taken for another"
                for at in taken
                if shown[at].change
            ]
    return wrong


def _cost(sizes: list[int]) -> list[str]:
    """Drawn scenes, a third of them with two changed copies, at several sizes."""
    changes = ("crop 15 %", "JPEG 30")
    rows: list[dict[str, Any]] = []
    start, making = time.process_time(), 0.0
    picture = scene(0)
    while len(rows) < max(sizes):
        number, change = divmod(len(rows), 3)
        before = time.process_time()
        if not change:
            picture = scene(10_000 + number).resize((384, 288), Image.Resampling.BOX)
        random = np.random.default_rng(len(rows))
        data = EDITS[changes[change - 1]](picture, random) if change else saved(picture)
        making += time.process_time() - before
        decoded = open_picture(data)
        rows.append(fingerprint(decoded, data, f"{len(rows):06}"))
    seconds = time.process_time() - start - making
    print(f"  cost: {1000 * seconds / len(rows):.2f} CPU-ms to decode and fingerprint a picture")
    table = pa.Table.from_pylist(rows, schema=FINGERPRINTS)
    times: list[float] = []
    for size in sizes:
        start = time.process_time()
        found = find_near(table, [row["uuid"] for row in rows[:size]]).num_rows
        times.append(time.process_time() - start)
        each = 1000 * times[-1] / size
        print(f"    {size} pictures: {times[-1]:.1f} CPU-s, {each:.2f} ms each; {found} go")
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    print(f"    time grows with the {slope:.2f}th power of the number of pictures")
    return [f"exponent {slope:.2f}"] if slope > _MAX_EXPONENT else []
