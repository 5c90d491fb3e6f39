"""What was made before the modules moved into rooms still opens: runs, caches, indexes.

`stored/` holds folders that commit 875f7f7's commands left: the run of text was stopped (`os._exit`)
after its first copy in data/, that of video after the first of its two videos. Their inputs are in
the archives too, whose times of change the runs know.

A checkpoint knows all settings of its stages. When one of these jobs' stages gets a new setting, its
runs of before rightly begin again; then the counts here change with it.
"""

import json
import tarfile
from pathlib import Path

import pytest

from curator_engine.commands.cli import run_app
from curator_text import cli as text
from curator_video import cli as video

STORED = Path(__file__).parent / "stored"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with what was stored; the runs name their files relative to it."""
    for archive in STORED.glob("*.tar.gz"):
        with tarfile.open(archive) as file:
            file.extractall(tmp_path, filter="data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(app, *words):
    line = [*words, "--workers", "1"]
    assert run_app("curator", app.JOBS, version="0.1.0", argv=line) == 0


def resumed(out):
    """Sources that were not done again, by step."""
    steps = json.loads((out / "run.json").read_text(encoding="utf-8"))["steps"]
    return {name: step["sources_resumed"] for name, step in steps.items()}


def test_a_text_run_goes_on_where_it_was_stopped(folder):
    copied = (folder / "half/data/part0.jsonl").stat()
    run(text, "fuzzy", "in", "-o", "half", "--resume")
    done = {"sign": 4, "exact": 1, "buckets": 6, "components": 1, "verify": 1, "remove": 1}
    assert resumed(folder / "half") == {**done, "gather": 0}
    assert (folder / "half/data/part0.jsonl").stat() == copied


def test_a_cache_saves_what_it_saved(folder):
    run(text, "fuzzy", "in", "-o", "out", "--cache", "cache")
    steps = resumed(folder / "out")
    assert (steps["sign"], steps["buckets"], steps["components"]) == (4, 6, 1)


def test_an_index_finds_its_documents_again(folder):
    run(text, "fuzzy", "more", "-o", "out", "--against", "index")
    assert (folder / "out/data/new.jsonl").read_bytes().count(b"\n") == 1


def test_a_video_run_goes_on_where_it_was_stopped(folder):
    clips = {path: path.stat() for path in (folder / "vhalf/clips").iterdir()}
    run(video, "split", "vin", "-o", "vhalf", "--resume")
    assert resumed(folder / "vhalf") == {"split": 1}
    assert len(list((folder / "vhalf/clips").iterdir())) == 4
    assert {path: path.stat() for path in clips} == clips
