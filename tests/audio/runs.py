"""A finished run that tests of commands change, and what is in a run."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from audio.sounds import sound_file, tone

from curator_audio.cli import JOBS
from curator_engine.commands.cli import run_app


def audio(*words):
    """The exit code of `curator-audio`, called in this process."""
    return run_app("curator-audio", JOBS, version="1", argv=[*map(str, words), "-q"])


def write_recordings(folder: Path) -> Path:
    """A loud, a quiet and a stereo tone, a list of two spans of the first, and a file that is none."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "loud.wav").write_bytes(sound_file(tone(2.0)))
    (folder / "quiet.flac").write_bytes(sound_file(tone(1.5, level=0.003), format="FLAC"))
    stereo = np.hstack([tone(1.2, rate=44_100), tone(1.2, rate=44_100, hertz=300.0)])
    (folder / "stereo.wav").write_bytes(sound_file(stereo, rate=44_100))
    (folder / "none.wav").write_bytes(b"RIFF no recording")
    spans = [{"offset": 0.25, "duration": 0.5, "text": "one"}, {"offset": 1.0, "duration": 0.75}]
    rows = [{"audio_filepath": "loud.wav", **span} for span in spans]
    (folder / "list.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


def curated(place: Path) -> Path:
    """A run over those, in a folder: five segments, of which the quiet one is dropped."""
    source = write_recordings(place / "in")
    least = ("--min-loudness", "-40", "--cut", "whole")
    inputs = (source, source / "list.jsonl")
    assert audio("curate", *inputs, "-o", place / "out", *least, *LENIENT, *ALONE) == 3
    return place / "out"


LENIENT = ("--max-rejected-ratio", "1")
ALONE = ("--workers", "1")
"""In this process, which starts at once."""


def copied(run: Path, place: Path) -> Path:
    """The same run elsewhere, to be changed."""
    shutil.copytree(run, place / "out")
    return place / "out"


def rows_of(run: Path) -> list[dict]:
    """The rows of a run's table, in order."""
    return pq.read_table(run / "segments.parquet").to_pylist()


def kept(run: Path) -> set[str]:
    """The places of the kept segments."""
    return {row["place"] for row in rows_of(run) if row["keep"]}


def lines_of(path: Path) -> list[dict]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def data(run: Path) -> dict[str, bytes]:
    """The files in data/, by their names."""
    return {path.name: path.read_bytes() for path in sorted((run / "data").iterdir())}
