"""MinHash signatures by Triton programs, bit by bit against the CPU's kernels."""

import random
from typing import Any

import numpy as np
import pyarrow as pa

from curator_text.read.columns import utf8
from curator_text.signatures.minhash import Method, signatures
from curator_text.signatures.triton_signatures import (
    Chunks,
    minima,
    padded,
    sketches,
    triton_signatures,
)
from gpu_parts.part import Row, Setting, number, once

_WORK = {"fast": 24, "curator": 260}
"""32-bit integer operations for a window: two 64-bit products and shifts; or 260 multiply-adds."""


def draw_texts(size: int, *, alphabet: str, seed: int = 1, mean: int = 3000) -> Any:
    """Documents of `mean` characters on average, of about `size` bytes in all."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(alphabet, k=draw.randint(2, 9))) for _ in range(20_000)]
    texts: list[str] = []
    done = 0
    while done < size:
        text = " ".join(draw.choices(words, k=1 + int(draw.expovariate(6.5 / mean))))
        texts.append(text)
        done += len(text.encode())
    return pa.array(texts)


def check_signatures(setting: Setting) -> list[Row]:
    """Both methods; ASCII, other and short texts."""
    size = setting.size(64 << 20, 8 << 20, 20 << 10)
    ascii_letters = "abcdefghijklmnopqrstuvwxyz"
    corpora = {
        "ASCII": draw_texts(size, alphabet=ascii_letters),
        "other": draw_texts(size // 4, alphabet=ascii_letters + "éüßдж日本語の漢字😀"),
        "short": draw_texts(size // 16, alphabet=ascii_letters, mean=150),
    }
    rows: list[Row] = []
    methods: list[Method] = ["fast", "curator"]
    for method in methods:
        for name, texts in corpora.items():
            some = texts[:100]
            signatures(some, method=method)
            bytes_ = int(utf8(texts)[1][-1])
            expected = signatures(texts, method=method)
            cpu = bytes_ / once(lambda t=texts, m=method: signatures(t, method=m))
            rows.append(_compare(setting, method, name, texts, expected, cpu))
            print(rows[-1], flush=True)
        if setting.device == "gpu":
            rows += _programs(setting, method, corpora["ASCII"])
    return rows


def _compare(
    setting: Setting, method: Method, name: str, texts: Any, expected: Any, cpu: float
) -> Row:
    case = f"{method}, {name} texts"
    bytes_ = int(utf8(texts)[1][-1])
    options: dict[str, Any] = {"method": method, "device": setting.place}
    try:
        found = triton_signatures(texts, **options)
    except Exception as error:
        # Triton's interpreter stands in for a GPU, and that of 3.6 stumbles over numpy 2.5.
        how = "failed" if setting.device == "gpu" else "not interpreted"
        return Row(case=case, ran=f"{how}: {type(error).__name__}: {error}"[:300])
    same = float((found == expected).all(axis=1).mean())
    seconds = setting.seconds(lambda: triton_signatures(texts, **options), repeats=3)
    return Row(
        case=case,
        agreement="exact" if same == 1 else f"{same:.4%} of documents are equal",
        rate=number(bytes_ / seconds, "B/s"),
        cpu=number(cpu, "B/s"),
        floor=setting.above_floor(
            seconds,
            **{
                "bytes": bytes_ + 4 * expected.size,
                "integer operations": _WORK[method] * bytes_,
            },
        ),
        note="from Arrow to numpy",
    )


def _programs(setting: Setting, method: Method, texts: Any) -> list[Row]:
    """The programs alone, on texts that are on the device, by the windows per program."""
    text, offsets = utf8(texts)
    there = padded(text[: offsets[-1]], "cuda")
    sign = sketches if method == "fast" else minima
    rows: list[Row] = []
    for block in (256, 512, 1024, 2048):
        if setting.quick and block != 1024:
            continue
        chunks = Chunks(there, offsets, 24, block)
        try:
            seconds = setting.seconds(lambda c=chunks: sign(c, 260, 42))
        except Exception as error:
            rows.append(Row(case=f"{method}, program of {block}", ran=f"failed: {error}"[:200]))
            continue
        bytes_ = int(offsets[-1])
        rows.append(
            Row(
                case=f"{method}, {block} windows per program",
                rate=number(bytes_ / seconds, "B/s"),
                floor=setting.above_floor(
                    seconds,
                    **{
                        "bytes": bytes_ + 1040 * len(texts),
                        "integer operations": _WORK[method] * bytes_,
                    },
                ),
                note="the device alone",
            )
        )
        print(rows[-1], flush=True)
    return rows


def hold(seconds: float, seed: int, megabytes: int) -> tuple[float, float]:
    """Sign the same texts again and again; bytes signed and the time it took. For `limits.py`."""
    import time

    texts = draw_texts(megabytes << 20, alphabet="abcdefghijklmnopqrstuvwxyz", seed=seed)
    bytes_ = int(utf8(texts)[1][-1])
    triton_signatures(texts)
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        triton_signatures(texts)
        done += bytes_
    return float(done), time.perf_counter() - start


def is_same(texts: Any, *, memory_bytes: int) -> bool:
    """Whether the signatures within that memory are those of the CPU."""
    found = triton_signatures(texts, memory_bytes=memory_bytes)
    return bool(np.array_equal(found, signatures(texts)))
