"""What the apps write is the same to the last bit under processors that add in another order."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from audio.sounds import sound_file
from image.scenes import draw_photos
from training_toys import write_kinds
from video.runs import draw_inputs

OLD = "AVX512F,AVX512CD,AVX512_SKX,AVX512_CLX,AVX512_CNL,AVX512_ICL,AVX512_SPR"
PROCESSORS = (
    {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "2"},
    {
        "OPENBLAS_CORETYPE": "Prescott",
        "OPENBLAS_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": OLD,
    },
    {
        "OPENBLAS_CORETYPE": "SkylakeX",
        "OPENBLAS_NUM_THREADS": "1",
        "NPY_DISABLE_CPU_FEATURES": f"AVX2,FMA3,{OLD}",
    },
)
"""What OpenBLAS takes this processor for, with how many threads, and what numpy may not use of it."""

RUN = """
import importlib, sys
from curator_engine.commands.cli import run_app

for line in sys.stdin.read().splitlines():
    app, *words = line.split("\\t")
    jobs = importlib.import_module(f"curator_{app}.cli").JOBS
    code = run_app(f"curator-{app}", jobs, version="1", argv=[*words, "--quiet"])
    assert code in (0, 3), (line, code)
"""


def draw(folder: Path) -> None:
    """Inputs of all apps."""
    draw_photos(folder / "photos")
    draw_inputs(folder / "videos")
    (folder / "texts").mkdir()
    write_kinds(folder / "texts")
    (folder / "sounds").mkdir()
    noise = np.random.default_rng(0).normal(0, 0.1, 16_000 * 12)
    beats = noise * np.exp(-8 * (np.arange(len(noise)) / 16_000 % 0.5)) + noise * 0.001
    (folder / "sounds" / "beats.wav").write_bytes(sound_file(beats[:, None].astype(np.float32)))
    later = beats[8_000:, None] * 0.6
    (folder / "sounds" / "later.flac").write_bytes(
        sound_file(later.astype(np.float32), format="FLAC")
    )


def written(source: Path, out: Path, processor: dict[str, str]) -> dict[str, bytes]:
    """The tables, models and fingerprints that the commands write there."""
    good, bad = source / "texts" / "good.jsonl", source / "texts" / "bad.jsonl"
    one = ("--workers", "1", "--max-rejected-ratio", "1")
    lines = [
        ("image", "curate", source / "photos", "-o", out / "image", *one),
        ("audio", "curate", source / "sounds", "-o", out / "audio", "--cut", "whole", *one),
        ("audio", "dedup", out / "audio"),
        ("video", "split", source / "videos", "-o", out / "video", "--embed", "fingerprint", *one),
        ("text", "train", good, bad, "-o", out / "train"),
        ("text", "filter", good, "-o", out / "filter", "--model", out / "train", *one),
        ("text", "semantic", good, bad, "-o", out / "semantic", *one),
    ]
    out.mkdir()
    subprocess.run(
        [sys.executable, "-c", RUN],
        input="\n".join("\t".join(map(str, line)) for line in lines),
        env={**os.environ, **processor},
        text=True,
        check=True,
    )
    kinds = {".parquet", ".arrow", ".safetensors", ".npy", ".jsonl"}
    files = (path for path in out.rglob("*") if path.suffix in kinds)
    names = {str(path.relative_to(out)): path for path in files}
    return {
        name: path.read_bytes()
        for name, path in names.items()
        if path.name != "events.jsonl" and not name.startswith(("video/.", "text/."))
    }


@pytest.mark.long
def test_tables_models_and_fingerprints_are_the_same_under_other_processors(tmp_path):
    draw(tmp_path / "in")
    first, *others = (
        written(tmp_path / "in", tmp_path / str(number), processor)
        for number, processor in enumerate(PROCESSORS)
    )
    assert len(first) > 12
    for other in others:
        assert other.keys() == first.keys()
        assert [name for name in first if other[name] != first[name]] == []
