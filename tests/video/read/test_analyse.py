import tracemalloc

import numpy as np
import pytest
from video.media import REAL, draw_video, fast_start, read_number

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_video.read.analyse import AnalyseVideo, TrackWriter
from curator_video.read.frames import ArrayFrame
from curator_video.read.probe import probe_video
from curator_video.read.read_video import VIDEO_EXTENSIONS, ReadVideo
from curator_video.read.track import open_track
from curator_video.task import Video, VideoTask


def analysed(path, scratch, **settings):
    """The video after the stage, and its track."""
    video = Video(path=str(path), metadata=probe_video(str(path)).metadata)
    task = AnalyseVideo(scratch=str(scratch), **settings).process(VideoTask(data=video))
    return task.data, open_track(task.data.track)


def run(paths, scratch, executor=None):
    pipeline = Pipeline(
        "analyse",
        stages=[
            FilePartitioner(file_paths=list(map(str, paths)), file_extensions=VIDEO_EXTENSIONS),
            ReadVideo(scratch=str(scratch)),
            AnalyseVideo(scratch=str(scratch)),
        ],
    )
    return pipeline.run(executor or LocalExecutor()), pipeline.last_run.stages[-1]


@pytest.fixture(scope="module")
def numbered(tmp_path_factory):
    """A video of 100 frames that show their numbers."""
    path = tmp_path_factory.mktemp("numbered") / "a.mp4"
    return draw_video(path, [(1, 60), (2, 40)], numbered=True)


def test_every_frame_has_a_thumb_in_order(numbered, tmp_path):
    _, track = analysed(numbered, tmp_path)
    assert [read_number(thumb) for thumb in track.thumbs] == list(range(100))


def test_thumbs_are_27_by_48(numbered, tmp_path):
    _, track = analysed(numbered, tmp_path)
    assert (track.thumbs.shape, track.thumbs.dtype) == ((100, 27, 48, 3), np.uint8)


def test_the_video_is_told_how_many_frames_there_are(numbered, tmp_path):
    video, track = analysed(numbered, tmp_path)
    assert (video.num_frames, track.num_frames, video.errors) == (100, 100, {})


def test_stills_are_half_a_second_apart(numbered, tmp_path):
    _, track = analysed(numbered, tmp_path)
    assert track.still_frames.tolist() == list(range(0, 100, 12))
    assert [read_number(still) for still in track.stills] == track.still_frames.tolist()


def test_stills_have_the_shape_that_is_shown(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 3)], rotation=90, size=(360, 640))
    _, track = analysed(path, tmp_path)
    assert track.stills.shape == (1, 256, 144, 3)


def test_small_pictures_are_not_enlarged(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 3)], size=(64, 36))
    assert analysed(path, tmp_path)[1].stills.shape == (1, 36, 64, 3)


def test_times_follow_the_file_and_the_end_is_that_of_the_last_frame(tmp_path):
    times = [0, 0.1, 0.7, 0.8, 3.0]
    path = draw_video(tmp_path / "a.mkv", [(1, 5)], times=times)
    _, track = analysed(path, tmp_path)
    assert track.times.tolist() == pytest.approx(times)
    assert 3.0 < track.end < 3.2
    assert track.still_frames.tolist() == [0, 2, 4]


def test_key_frames_are_marked(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 30)], gop=10, options={"x264-params": "scenecut=0"})
    assert np.flatnonzero(analysed(path, tmp_path)[1].keys).tolist() == [0, 10, 20]


def test_every_still_has_motion_where_the_codec_has_vectors(numbered, tmp_path):
    _, track = analysed(numbered, tmp_path)
    assert track.motion.shape == (9, 8, 8)
    assert not np.isnan(track.motion).any()


def test_motion_is_unknown_where_the_codec_has_no_vectors(tmp_path):
    path = draw_video(tmp_path / "a.mov", [(1, 24)], codec="mjpeg", pixel_format="yuvj420p")
    assert np.isnan(analysed(path, tmp_path)[1].motion).all()


def test_motion_may_be_left_out(numbered, tmp_path):
    assert np.isnan(analysed(numbered, tmp_path, motion=False)[1].motion).all()


def test_stills_are_measured_at_full_size(numbered, tmp_path):
    _, track = analysed(numbered, tmp_path)
    assert {"sharpness", "blockiness"} <= set(track.measures)
    assert all(len(values) == len(track.stills) for values in track.measures.values())


def test_a_file_that_ends_early_gives_what_is_there_and_says_so(tmp_path):
    path = fast_start(draw_video(tmp_path / "a.mp4", [(1, 96)]))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    video, track = analysed(path, tmp_path)
    assert 10 < track.num_frames < 90
    assert video.errors["analyse"] == track.error != ""


def test_a_video_without_a_frame_is_quarantined_and_leaves_nothing(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("text", encoding="utf-8")
    stage = AnalyseVideo(scratch=str(tmp_path / "scratch"))
    assert stage.process(VideoTask(data=Video(path=str(path)))) is None
    assert len(stage.take_notes()[2]) == 1
    assert list((tmp_path / "scratch").rglob("*.npy")) == []


def test_each_video_is_decoded_once(tmp_path):
    paths = [draw_video(tmp_path / f"{n}.mp4", [(n, 24)]) for n in range(3)]
    _, report = run(paths, tmp_path / "scratch")
    assert (report.metrics["full_decodes"], report.metrics["frames_decoded"]) == (3, 72)


def test_a_finished_track_is_used_again(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 24)])
    run([path], tmp_path / "scratch")
    tasks, report = run([path], tmp_path / "scratch")
    assert tasks[0].data.num_frames == 24
    assert report.metrics == {"rows_read": 1}


def test_a_changed_file_is_decoded_again(tmp_path):
    run([draw_video(tmp_path / "a.mp4", [(1, 24)])], tmp_path / "scratch")
    tasks, _ = run([draw_video(tmp_path / "a.mp4", [(2, 30)])], tmp_path / "scratch")
    assert tasks[0].data.num_frames == 30


def test_a_half_written_track_is_none(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 24)])
    tasks, _ = run([path], tmp_path / "scratch")
    folder = tmp_path / "scratch" / "tracks" / tasks[0].data.track.rpartition("/")[2]
    (folder / "track.json").unlink()
    assert run([path], tmp_path / "scratch")[1].metrics["full_decodes"] == 1


@pytest.mark.slow
def test_worker_processes_give_the_same_tracks(tmp_path):
    paths = [draw_video(tmp_path / f"{n}.mp4", [(n, 24)]) for n in range(4)]
    alone, _ = run(paths, tmp_path / "one")
    together, _ = run(paths, tmp_path / "two", LocalExecutor({"workers": 2}))
    found = [[open_track(task.data.track).thumbs for task in each] for each in (alone, together)]
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_scratch_must_be_local():
    with pytest.raises(SettingsError, match="not a local folder"):
        AnalyseVideo(scratch="s3://bucket/scratch").setup()


@pytest.mark.parametrize("name", REAL)
def test_real_files(shared_video, tmp_path, name):
    video, track = analysed(shared_video / name, tmp_path)
    assert (track.num_frames, video.errors) == (REAL[name][3], {})
    assert max(track.stills.shape[1:3]) == 256


def test_memory_does_not_grow_with_the_video(tmp_path):
    picture = np.zeros((144, 256, 3), np.uint8)
    tracemalloc.start()
    with TrackWriter(str(tmp_path / "track")) as writer:
        for n in range(300):
            writer.add(ArrayFrame(number=n, time=float(n), duration=1.0, key=True, picture=picture))
        writer.finish("")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert open_track(str(tmp_path / "track")).stills.nbytes > 30e6
    assert peak < 5e6


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    frame = ArrayFrame(
        number=0, time=0.0, duration=1.0, key=True, picture=np.zeros((9, 16, 3), np.uint8)
    )
    with pytest.raises(KeyError), TrackWriter(str(tmp_path / "track")) as writer:
        writer.add(frame)
        raise KeyError
    assert list(tmp_path.iterdir()) == []
