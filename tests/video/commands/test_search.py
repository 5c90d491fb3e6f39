"""`curator-video search`: the nearest clips, or why they cannot be found."""

import shutil
from functools import partial

import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.item_jobs import search_items
from curator_engine.errors import InputError, SettingsError
from curator_video.clips.clip_table import CLIPS
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import SearchSettings

run = partial(search_items, CLIP_APP)


def search(out, query, **options):
    settings = SearchSettings(inputs=[str(out), str(query)], **options)
    settings.check()
    return run(settings, Console(quiet=True))


def kept(out):
    return [row for row in CLIPS.read(str(out)).to_pylist() if row["keep"]]


def test_a_clips_own_file_finds_the_clip_first(finished_run):
    row = kept(finished_run)[0]
    best = search(finished_run, finished_run / row["path"]).summary["clips"]
    assert best[0]["similarity"] > 0.95
    assert row["uuid"] in [each["uuid"] for each in best if each["similarity"] > 0.95]


def test_a_clips_id_finds_the_clip_and_its_twin(finished_run):
    row = kept(finished_run)[0]
    found = search(finished_run, row["uuid"], top=2).summary["clips"]
    assert len(found) == 2
    assert {each["video"] for each in found} == {each["video"] for each in kept(finished_run)}


def test_the_fingerprint_knows_no_words(finished_run):
    with pytest.raises(SettingsError, match="knows no words"):
        search(finished_run, "a red boat")


def test_a_video_that_is_missing_is_said(finished_run):
    with pytest.raises(InputError, match="does not exist"):
        search(finished_run, "missing.mp4")


def test_a_file_that_is_no_video_is_one_line(finished_run):
    with pytest.raises(InputError):
        search(finished_run, finished_run / "run.json")


def test_a_run_without_embeddings_is_said(own_run):
    shutil.rmtree(own_run / "fingerprint_embd_parquet")
    with pytest.raises(InputError, match="holds no embeddings"):
        search(own_run, "x")


@pytest.mark.parametrize(("inputs", "top"), [(["a"], 1), (["a", "b", "c"], 1), (["a", "b"], 0)])
def test_settings_that_do_not_fit_are_one_line(inputs, top):
    with pytest.raises(SettingsError):
        SearchSettings(inputs=inputs, top=top).check()
