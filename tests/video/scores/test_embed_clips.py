"""Embeddings of clips, through the stage."""

import numpy as np
import pytest
from tiny_models import DIMS, write_clip, write_head
from video.media import Shot, draw_frames
from video.tracks import video_task, write_track

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_video.read.track import open_track
from curator_video.scores import embed_clips
from curator_video.scores.embed_clips import EmbedClips, check_models, frames_of, load_video_model
from curator_video.scores.score_clips import ScoreClips

SPANS = [(0, 24), (24, 48), (48, 72)]


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    shots = [Shot(seed=seed, frames=24) for seed in (1, 2, 1)]
    frames = draw_frames(shots, size=(96, 54))
    return write_track(tmp_path_factory.mktemp("track"), frames)


@pytest.fixture(scope="module")
def clip_model(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("models") / "clip")


def embedded(track, **options):
    task = video_task(track, SPANS)
    stage = EmbedClips(device="cpu", **options)
    stage.setup()
    assert stage.process(task) is task
    stage.teardown()
    return [clip.embeddings for clip in task.data.clips]


def test_the_fingerprint_needs_no_model(track):
    first, second, third = (each["fingerprint"] for each in embedded(track))
    assert first @ third > 0.99
    assert first @ second < 0.8


def test_a_model_embeds_each_clip(track, clip_model):
    vectors = [each["clip"] for each in embedded(track, kind="clip", model=clip_model)]
    assert [each.shape for each in vectors] == [(DIMS,)] * 3
    assert vectors[0] == pytest.approx(vectors[2], abs=1e-5)
    assert not np.allclose(vectors[0], vectors[1])


def test_a_dropped_clip_is_left_out_unless_wanted(track):
    task = video_task(track, SPANS)
    task.data.clips[1].drop("motion", "still")
    EmbedClips().process(task)
    assert [bool(clip.embeddings) for clip in task.data.clips] == [True, False, True]
    EmbedClips(skip_dropped=False).process(task)
    assert all(clip.embeddings for clip in task.data.clips)


def test_a_chunk_without_clips_needs_no_track():
    task = video_task("nowhere", [])
    assert EmbedClips().process(task) is task


def test_frames_are_spread_and_repeated_where_there_are_few(track):
    opened = open_track(track)
    assert frames_of(opened, (0, 72), count=3).shape == (3, 54, 96, 3)
    few = frames_of(opened, (0, 24), count=4)
    assert (few[0] == few[1]).all()
    assert (few[0] != few[2]).any()


@pytest.mark.parametrize(
    "options", [{"kind": "clip"}, {"model": "clip/"}, {"kind": "resnet", "model": "x/y"}]
)
def test_kinds_and_models_go_together(options):
    with pytest.raises(SettingsError):
        EmbedClips(**options)


def test_a_model_that_is_not_there_is_an_input_error():
    with pytest.raises(InputError, match="neither a folder"):
        load_video_model("clip", "./nowhere", device="cpu")


def test_texts_are_compared_with_clips(clip_model):
    model = load_video_model("clip", clip_model, device="cpu")
    assert model.embed_texts(["rain"]).shape == (1, DIMS)


def test_the_aesthetic_score_is_one_of_the_scores(track, clip_model, tmp_path):
    stage = ScoreClips(
        aesthetic_model=clip_model, aesthetic_head=write_head(tmp_path / "h.pth"), device="cpu"
    )
    stage.setup()
    task = stage.process(video_task(track, SPANS))
    scores = [clip.scores["aesthetic"] for clip in task.data.clips]
    assert scores[0] == pytest.approx(scores[2], abs=1e-4)
    assert scores == pytest.approx([5, 5, 5], abs=3)


def test_packages_that_models_need_are_missed_before_any_work(monkeypatch):
    monkeypatch.setattr(embed_clips, "find_spec", lambda name: None)
    with pytest.raises(ResourceError, match=r"--embed clip needs the extra 'models' .*torch"):
        check_models("--embed clip")
