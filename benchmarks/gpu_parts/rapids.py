# pyright: basic
"""What RAPIDS computes: signatures by cuDF, components by cuGraph."""

import numpy as np

from gpu_parts.part import Row, Setting, number, once
from gpu_parts.signatures import draw_texts


def check_cudf(setting: Setting) -> list[Row]:
    """Signatures of method `curator` by cuDF."""
    from curator_text.minhash import signatures, utf8
    from curator_text.rapids_signatures import rapids_signatures

    rows = []
    for case, letters in (("ASCII", "abcdefghij"), ("other", "abcdeéüß日本語😀")):
        texts = draw_texts(setting.size(64 << 20, 16 << 20, 20 << 10), alphabet=letters)
        bytes_ = int(utf8(texts)[1][-1])
        expected = signatures(texts, method="curator")
        cpu = once(lambda t=texts: signatures(t, method="curator"))
        same = float((rapids_signatures(texts) == expected).all(axis=1).mean())
        seconds = setting.seconds(lambda t=texts: rapids_signatures(t), repeats=3)
        rows.append(
            Row(
                case=f"curator, cuDF, {case}",
                agreement="exact" if same == 1 else f"{same:.4%} of documents are equal",
                rate=number(bytes_ / seconds, "B/s"),
                cpu=number(bytes_ / cpu, "B/s"),
                floor=setting.above_floor(seconds, **{"integer operations": 260.0 * bytes_}),
            )
        )
    return rows


def check_cugraph(setting: Setting) -> list[Row]:
    """Components of a random graph by cuGraph."""
    from curator_text.graph_components import gpu_components
    from curator_text.lsh import components

    count = setting.size(10_000_000, 1_000_000, 1000)
    draw = np.random.default_rng(0)
    left = draw.integers(0, count, count // 2)
    right = np.minimum(left + draw.integers(1, 100, len(left)), count - 1)
    expected = components([(left, right)], count=count)
    cpu = once(lambda: components([(left, right)], count=count))
    found = gpu_components(left, right, count=count)
    seconds = setting.seconds(lambda: gpu_components(left, right, count=count), repeats=3)
    return [
        Row(
            case=f"components of {len(left):,} pairs, cuGraph",
            agreement="exact" if np.array_equal(found, expected) else "other components",
            rate=number(len(left) / seconds, "pairs/s"),
            cpu=number(len(left) / cpu, "pairs/s"),
        )
    ]


def check_cuml(setting: Setting) -> list[Row]:
    """K-means by cuML through the RAFT handle, on one actor of a pool."""
    from gpu_parts.cluster import run_kmeans

    return run_kmeans(setting, case="k-means by cuML through RAFT")
