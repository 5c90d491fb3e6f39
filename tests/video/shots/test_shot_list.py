import csv
import json
from pathlib import Path

import pytest
from video.media import Shot
from video.thumbs import draw_thumbs
from video.tracks import write_track

from curator_video.read.track import open_track
from curator_video.shots.cuts import Cut, hard
from curator_video.shots.shot_list import list_shots, written


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("track")
    track = write_track(folder, draw_thumbs([Shot(seed=1, frames=100)]), fps=25)
    fade = Cut(frame=60, start=55, end=65, kind="fade", score=0.5)
    return list_shots([hard(25, 3.5), fade], open_track(track))


def text(shots, form):
    return written(shots, form=form, path="films/a b.mp4", framerate=25.0)


def test_a_csv_has_a_row_per_shot(shots):
    rows = list(csv.DictReader(text(shots, "csv").splitlines()))
    assert [(r["start_frame"], r["end_frame"], r["change"]) for r in rows] == [
        ("0", "25", "start"),
        ("25", "55", "hard"),
        ("65", "100", "fade"),
    ]
    assert [r["score"] for r in rows] == ["", "3.5", "0.5"]


def test_json_says_the_same(shots):
    facts = json.loads(text(shots, "json"))
    assert facts["video"] == "films/a b.mp4"
    assert facts["shots"][1]["start"] == pytest.approx(1.0)
    assert facts["shots"][2]["end"] == pytest.approx(4.0)


def test_an_edl_has_time_codes_of_source_and_record(shots):
    lines = text(shots, "edl").splitlines()
    assert lines[0] == "TITLE: a b.mp4"
    events = [line.split() for line in lines if line[:3].isdigit()]
    assert events[2] == [
        *("003", "AX", "V", "C"),
        *("00:00:02:15", "00:00:04:00", "00:00:02:05", "00:00:03:15"),
    ]
