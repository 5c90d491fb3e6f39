"""Near-duplicate recordings: change real and drawn sounds, and count which copies are found.

A copy that is taken for another sound, and two sounds that are taken for copies of each other, are wrong
whatever the recall is. Sounds that are alike and are none are mixed in.
"""

import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
from audio_sounds import EDITS, bases, look_alikes, voice

from curator_audio.duplicates.fingerprint import FINGERPRINTS, fingerprint
from curator_audio.duplicates.near import find_near

_MIN_RECALL = 0.98


def duplicates(place: Path, quick: bool) -> list[str]:
    """Recall of each change, wrong pairs, and cost; returns what does not hold."""
    drawn = 4 if quick else 30
    originals = bases(drawn=drawn)
    fingerprint(voice(0))  # compiles
    sounds = [*originals.items(), *look_alikes(drawn=drawn // 2).items()]
    start, seconds = time.process_time(), 0.0
    rows = [fingerprint(samples, name) for name, samples in sounds]
    seconds += time.process_time() - start
    length = sum(row["seconds"] for row in rows)
    for number, (name, samples) in enumerate(originals.items()):
        for k, (change, edit) in enumerate(EDITS.items()):
            copy = edit(samples, np.random.default_rng((number, k)))
            rows.append(fingerprint(copy, f"{name}|{change}"))
    table = pa.Table.from_pylist(rows, schema=FINGERPRINTS)
    before = time.process_time()
    found = find_near(table, [row["uuid"] for row in rows]).to_pylist()
    cost = time.process_time() - before
    copies = len(originals) * len(EDITS)
    print(f"audio: duplicates; {len(sounds)} sounds and {copies} changed copies")
    print(f"  a fingerprint takes 1 CPU-s of {length / seconds:,.0f} s; all compared in {cost:.1f}")
    _print_growth([50, 100, 200] if quick else [200, 400, 800])
    return _judge(found, len(originals))


def _judge(found: list[dict[str, object]], originals: int) -> list[str]:
    hit, least, wrong = Counter[str](), dict[str, float](), list[str]()
    for row in found:
        name, _, change = str(row["uuid"]).partition("|")
        if not change:
            wrong.append(f"taken for copies: {name} and {row['kept_id']}")
        elif row["kept_id"] == name:
            hit[change] += 1
            least[change] = min(least.get(change, 1.0), float(str(row["similarity"])))
        else:
            wrong.append(f"{name}, {change}, was taken for {row['kept_id']}")
    for change in EDITS:
        of = f"{hit[change]:>3}/{originals}"
        print(f"  {change:24} found {of}; least similarity {least.get(change, 0):.2f}")
    recall = hit.total() / (originals * len(EDITS))
    print(f"  all {recall:.3f}; {len(wrong)} wrong pairs")
    print("".join(f"    {each}\n" for each in wrong[:8]), end="")
    if recall < _MIN_RECALL:
        wrong.append(f"recall {recall:.3f} is below {_MIN_RECALL}")
    return [f"audio duplicates: {each}" for each in wrong]


def _print_growth(sizes: list[int]) -> None:
    """How the time grows with the number of recordings, of which none is a copy."""
    rows = [fingerprint(voice(20_000 + k), str(k)) for k in range(max(sizes))]
    table = pa.Table.from_pylist(rows, schema=FINGERPRINTS)
    for size in sizes:
        start = time.process_time()
        find_near(table, [row["uuid"] for row in rows[:size]])
        seconds = time.process_time() - start
        print(f"  {size} other voices of 18 s compared: {seconds:.2f} CPU-s")
