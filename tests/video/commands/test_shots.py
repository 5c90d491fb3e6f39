import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from video.media import Shot, draw_video

from curator_engine.commands.cli import Console, run_app
from curator_engine.errors import InputError, SettingsError
from curator_video.cli import JOBS
from curator_video.commands.shots import run
from curator_video.settings import ShotsSettings


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    shots = [Shot(seed=seed, frames=30, speed=0.5) for seed in (1, 2, 3)]
    return str(draw_video(tmp_path_factory.mktemp("film") / "film.mp4", shots))


def found(paths, **settings):
    return run(ShotsSettings(paths, detector="adaptive", **settings), Console(quiet=True))


def test_the_list_is_printed(film):
    rows = list(csv.DictReader(found([film]).lines))
    assert [int(row["start_frame"]) for row in rows] == [0, 30, 60]
    assert [float(row["start"]) for row in rows] == [0, 1.25, 2.5]


def test_the_command_needs_no_folder(film, capsys):
    argv = ["shots", film, "--detector", "adaptive"]
    assert run_app("curator-video", JOBS, version="1", argv=argv) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_list_and_a_picture_are_written(film, tmp_path: Path):
    found([film], output=str(tmp_path / "out"), format="json")
    facts = json.loads((tmp_path / "out/film.json").read_text())
    assert len(facts["shots"]) == 3
    with Image.open(tmp_path / "out/film.png") as picture:
        assert picture.size[0] == 16 * 49


def test_videos_of_one_name_have_files_of_their_own(film, tmp_path: Path):
    other = tmp_path / "in" / "film.mp4"
    other.parent.mkdir()
    other.write_bytes(Path(film).read_bytes())
    found([film, str(other)], output=str(tmp_path / "out"))
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    lists = ["film-2.csv", "film-2.png", "film.csv", "film.png"]
    assert names == [".curator", "events.jsonl", *lists, "run.json"]


def test_a_file_that_is_no_video_is_said_and_the_rest_is_done(film, tmp_path: Path, capsys):
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    result = found([str(text), film], json=True)
    assert result.exit_code == 3
    assert result.summary["unreadable"] == 1
    assert "shots" in result.summary["files"][1]
    assert "text.mp4" in capsys.readouterr().err


def test_several_videos_need_an_output(film, tmp_path: Path):
    other = tmp_path / "other.mp4"
    other.write_bytes(Path(film).read_bytes())
    with pytest.raises(InputError, match="give a folder for their lists"):
        found([film, str(other)])


def test_the_output_must_not_be_a_file(film, tmp_path: Path):
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="is a file"):
        found([film], output=str(tmp_path / "out"))


def test_a_folder_of_others_is_refused_and_left_alone(film, tmp_path: Path):
    (tmp_path / "film.csv").write_text("mine")
    with pytest.raises(InputError, match="is not the folder of a run"):
        found([film], output=str(tmp_path))
    assert (tmp_path / "film.csv").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_is_finished_is_not_done_again(film, tmp_path: Path):
    folder = str(tmp_path / "out")
    before = found([film], output=folder)
    again = found([film], output=folder, resume=True)
    assert again.lines == before.lines
    assert again.lines[0] == f"{film}: 3 shots"


def test_a_file_that_is_no_video_is_in_quarantine(film, tmp_path: Path):
    (tmp_path / "text.mp4").write_text("no video")
    paths, ratio = [film, str(tmp_path / "text.mp4")], {"max_rejected_ratio": 0.5}
    result = found(paths, output=str(tmp_path / "out"), **ratio)
    assert (result.exit_code, result.summary["unreadable"]) == (3, 1)
    assert list((tmp_path / "out/quarantine").rglob("*.jsonl"))


@pytest.mark.parametrize("option", ["workers", "resume", "overwrite", "dry_run"])
def test_options_of_a_run_need_a_folder(option):
    settings = replace(ShotsSettings(["a.mp4"]), **{option: True})
    with pytest.raises(SettingsError, match="no effect without -o"):
        settings.check()


def test_weights_are_for_the_network_only():
    settings = ShotsSettings(["a.mp4"], detector="adaptive", weights="w.pth")
    with pytest.raises(SettingsError, match="no effect"):
        settings.check()
