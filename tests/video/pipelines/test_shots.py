import json
from pathlib import Path

import pytest
from video.media import Shot, draw_video

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.executors.ray_data import RayDataExecutor
from curator_engine.files.storage import read_bytes
from curator_video.pipelines.shots import ShotsWorkflow
from curator_video.settings import ShotsSettings


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two short films, one of which is called as the record of a run is."""
    folder = tmp_path_factory.mktemp("films")
    shots = [Shot(seed=seed, frames=12, speed=0.5) for seed in (1, 2)]
    return [str(draw_video(folder / name, shots)) for name in ("film.mp4", "run.mp4")]


def run(films, folder, executor=None, **settings):
    given = ShotsSettings(films, output=str(folder), detector="adaptive", **settings)
    return ShotsWorkflow(settings=given).run(executor).metadata


def lists(folder):
    files = [p for p in Path(folder).iterdir() if p.suffix in (".csv", ".json", ".png")]
    return {path.name: path.read_bytes() for path in files if path.name != "run.json"}


def test_the_record_counts_shots(films, tmp_path):
    facts = run(films, tmp_path / "out")
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert (record["job"], record["status"]) == ("shots", "done")
    assert record["facts"]["shots"] == dict.fromkeys(films, 2)
    assert (facts["num_videos"], facts["num_shots"]) == (2, 4)


def test_two_workers_write_what_one_writes(films, tmp_path):
    run(films, tmp_path / "one")
    run(films, tmp_path / "two", LocalExecutor({"workers": 2}))
    assert lists(tmp_path / "two") == lists(tmp_path / "one")


def test_no_list_takes_the_name_of_the_record(films, tmp_path):
    run(films, tmp_path / "out", format="json")
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert record["job"] == "shots"
    assert set(lists(tmp_path / "out")) == {"film.json", "film.png", "run-2.json", "run-2.png"}


def test_lists_of_other_settings_and_videos_go(films, tmp_path):
    run(films, tmp_path / "out")
    run(films[:1], tmp_path / "out", format="json")
    assert set(lists(tmp_path / "out")) == {"film.json", "film.png"}


def test_a_limit_counts_videos(films, tmp_path):
    assert run(films, tmp_path / "out", limit=1)["num_videos"] == 1


def test_tracks_are_gone_when_the_lists_are_written(films, tmp_path):
    run(films, tmp_path / "out")
    assert not (tmp_path / "out/.cache").exists()


def test_lists_may_be_written_to_an_object_store(films, tmp_path):
    run(films, tmp_path / "local")
    run(films, f"memory://{tmp_path.name}")
    assert read_bytes(f"memory://{tmp_path.name}/film.csv") == lists(tmp_path / "local")["film.csv"]


def test_workers_elsewhere_reach_no_tracks_of_a_remote_folder(films):
    with pytest.raises(SettingsError, match="is remote, and tracks need a folder"):
        run(films, "memory://shots", RayDataExecutor())
