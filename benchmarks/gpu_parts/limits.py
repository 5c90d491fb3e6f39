# pyright: basic
"""Several workers on one GPU, and a GPU whose memory is full."""

import multiprocessing
import tempfile
from pathlib import Path

import numpy as np

from gpu_parts.networks import _pictures, write_clip_large
from gpu_parts.part import Row, Setting, number
from gpu_parts.signatures import draw_texts, hold, is_same


def check_sharing(setting: Setting) -> list[Row]:
    """Bytes signed per second by one worker, and by four that share the GPU."""
    if setting.device == "cpu":
        return [Row(case="four workers on one GPU", ran="needs a GPU")]
    import torch

    seconds, size = setting.size(4, 2, 1), setting.size(32, 16, 1)
    alone, together = (_together(n, seconds, size) for n in (1, 4))
    free, whole = torch.cuda.mem_get_info()
    return [
        Row(
            case="one worker that signs, four that share the GPU",
            rate=f"{number(alone, 'B/s')}, {number(together, 'B/s')}",
            note=f"{(whole - free) / 2**30:.1f} GiB in use afterwards",
        )
    ]


def _together(workers, seconds, size):
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers) as pool:
        done = pool.starmap(hold, [(seconds, seed, size) for seed in range(workers)])
    return sum(bytes_ / taken for bytes_, taken in done)


def check_full_memory(setting: Setting) -> list[Row]:
    """What happens where the memory is not enough: less at a time, and in the end one clear error."""
    if setting.device == "cpu":
        return [Row(case="a full GPU", ran="needs a GPU")]
    import torch

    from curator_engine.errors import ResourceError
    from curator_engine.models.clip import Clip

    rows = []
    texts = draw_texts(24 << 20, alphabet="abcdeéüß日本語")
    with _Ballast(256 << 20):
        same = is_same(texts, memory_bytes=1 << 30)
    rows.append(
        Row(case="signatures of 24 MB, 256 MiB free", agreement="exact" if same else "they differ")
    )
    with tempfile.TemporaryDirectory() as folder:
        clip = Clip(write_clip_large(Path(folder) / "large"), device="gpu")
    pictures = _pictures(64, 224)
    expected = clip.embed_frames(pictures)
    torch.cuda.empty_cache()
    with _Ballast(96 << 20):
        found = clip.embed_frames(pictures)
    least = (expected * found).sum(axis=1).min()
    rows.append(
        Row(
            case="CLIP ViT-L/14, 64 pictures, 96 MiB free",
            agreement=f"least cosine {least:.6f}",
            note=f"{clip._batch.size} pictures at a time in the end",
        )
    )
    torch.cuda.empty_cache()
    told = "no error"
    with _Ballast(1 << 20):
        try:
            clip.embed_frames(_pictures(1, 224))
        except ResourceError as error:
            told = str(error)
    rows.append(Row(case="CLIP ViT-L/14, nothing free", agreement="", note=told))
    after = clip.embed_frames(pictures)
    rows.append(
        Row(
            case="afterwards, with memory again",
            agreement=f"least cosine {np.min((expected * after).sum(axis=1)):.6f}",
        )
    )
    return rows


class _Ballast:
    """Takes the GPU's memory but for some."""

    def __init__(self, free):
        self._free = free

    def __enter__(self):
        import torch

        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        self._held, size = [], 1 << 40
        # In pieces: what the driver calls free is not all given at once.
        while size > 1 << 20:
            left = torch.cuda.mem_get_info()[0] - self._free
            try:
                if left >= size:
                    self._held.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
                    continue
            except RuntimeError:
                torch.cuda.empty_cache()
            size //= 2

    def __exit__(self, *_):
        import torch

        self._held.clear()
        torch.cuda.empty_cache()
