"""A finished run that tests of commands change, and what is in a run."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
from image.scenes import draw_photos

from curator_engine.commands.cli import run_app
from curator_image.cli import JOBS


def image(*words):
    """The exit code of `curator-image`, called in this process."""
    # One worker is this process, which starts at once.
    alone = ["--workers", "1"] if words[0] == "curate" and "--workers" not in words else []
    return run_app("curator-image", JOBS, version="1", argv=[*map(str, words), *alone, "-q"])


def curated(place: Path, *words) -> Path:
    """A run over drawn photos, in a folder."""
    draw_photos(place / "photos")
    code = image(
        "curate",
        place / "photos",
        "-o",
        place / "out",
        "--keep",
        "first",
        "--max-rejected-ratio",
        "1",
        *words,
    )
    assert code == 3
    return place / "out"


def copied(run: Path, place: Path) -> Path:
    """The same run elsewhere, to be changed."""
    shutil.copytree(run, place / "out")
    return place / "out"


def rows_of(run: Path) -> dict:
    """The rows of a run's table, by the place of the picture."""
    return {row["place"]: row for row in pq.read_table(run / "images.parquet").to_pylist()}


def kept(run: Path) -> set[str]:
    """The places of the kept pictures."""
    return {place for place, row in rows_of(run).items() if row["keep"]}


def data(run: Path) -> set[str]:
    """The names of the files in data/."""
    return {str(p.relative_to(run / "data")) for p in (run / "data").rglob("*") if p.is_file()}
