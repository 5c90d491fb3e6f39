from typing import Any

import numpy as np
import pytest
from audio.runs import write_recordings
from audio.sounds import mute_video, sound_file, tone

from curator_audio.recordings.measure_recordings import MeasureRecordings
from curator_engine.errors import BudgetExceededError
from curator_engine.executors.local import LocalExecutor
from curator_engine.items.limit import Limit
from curator_engine.pipeline import Pipeline
from curator_engine.stages.small_files import task_of
from curator_engine.task import FileGroupTask


def segments_of(path, cut: Any = "whole", **options):
    stage = MeasureRecordings(cut=cut, **options)
    stage.setup()
    batches = stage.process(FileGroupTask(data=[str(path)], _metadata={"name": path.name}))
    return [segment for batch in batches for segment in batch.data]


def test_a_recording_has_its_scores_and_facts(tmp_path):
    folder = write_recordings(tmp_path)
    [found] = segments_of(folder / "stereo.wav")
    assert (found.start_s, found.end_s, found.scores["duration_s"]) == (0.0, 1.2, 1.2)
    assert found.about["rate"] == 44_100
    assert found.about["place"] == "stereo.wav"
    assert -20 < found.scores["loudness"] < 0


def test_spans_of_a_list_are_segments(tmp_path):
    first, second = segments_of(write_recordings(tmp_path) / "list.jsonl")
    assert (first.start_s, first.end_s, first.text) == (0.25, 0.75, "one")
    assert (second.start_s, second.end_s) == (1.0, 1.75)
    assert first.path == str(tmp_path / "loud.wav")


def test_a_limit_drops_with_its_reason(tmp_path):
    limit = Limit(group="duration", score="duration_s", value=3.0, least=True)
    [found] = segments_of(write_recordings(tmp_path) / "loud.wav", limits=[limit])
    assert (found.drop_stage, found.drop_reason) == ("duration", "duration_s 2 < 3")


def test_what_cannot_be_read_has_a_row_with_the_reason(tmp_path):
    (tmp_path / "l.jsonl").write_text('{"audio_filepath": "gone.wav"}\n', encoding="utf-8")
    folder = write_recordings(tmp_path / "in")
    [lost] = segments_of(folder / "none.wav")
    assert (lost.drop_stage, bool(lost.errors)) == ("read", True)
    [gone] = segments_of(tmp_path / "l.jsonl")
    assert "No such file" in gone.drop_reason


def test_a_video_without_sound_is_dropped_and_is_no_damage(tmp_path):
    (tmp_path / "a.mp4").write_bytes(mute_video())
    [found] = segments_of(tmp_path / "a.mp4")
    assert (found.drop_stage, found.drop_reason) == ("sound", "has no audio track (only video)")
    assert not found.errors


def test_a_span_behind_the_end_is_told(tmp_path):
    (tmp_path / "a.wav").write_bytes(sound_file(tone(0.5)))
    row = '{"audio_filepath": "a.wav", "offset": 3, "duration": 1}\n'
    (tmp_path / "l.jsonl").write_text(row, encoding="utf-8")
    [lost] = segments_of(tmp_path / "l.jsonl")
    assert "no sound at 3 s" in lost.drop_reason


def test_damage_is_noted_on_what_is_kept(tmp_path):
    data = sound_file(tone(3.0), format="FLAC")
    (tmp_path / "cut.flac").write_bytes(data[: len(data) // 2])
    [found] = segments_of(tmp_path / "cut.flac")
    assert not found.drop_reason
    assert "is damaged" in found.errors["read"]
    assert np.isfinite(found.scores["loudness"])


def test_a_recording_is_cut_into_stretches_of_speech_with_their_ratings(speech_folder):
    first, second, third = segments_of(speech_folder / "jfk.flac", cut="speech", dnsmos="one")
    assert first.end_s < second.start_s < second.end_s < third.start_s
    assert third.end_s == 11.0
    assert all(each.scores["speech_ratio"] > 0.9 for each in (first, second, third))
    assert all(each.scores["tone_ratio"] < 0.1 for each in (first, second, third))
    assert all(2 < each.scores["dnsmos_ovrl"] < 4 for each in (first, second, third))
    assert first.scores["loudness"] != second.scores["loudness"]


def test_a_recording_without_speech_has_one_row(speech_folder):
    [found] = segments_of(speech_folder / "nonspeech_sorohanro_-_solo-trumpet-06.ogg", cut="speech")
    assert (found.drop_stage, found.drop_reason) == ("speech", "no speech")
    assert found.scores["speech_ratio"] == 0


def test_a_span_of_a_list_is_not_cut(speech_folder, tmp_path):
    source = speech_folder / "jfk.flac"
    row = f'{{"audio_filepath": "{source}", "offset": 0, "duration": 5}}'
    (tmp_path / "l.jsonl").write_text(row, encoding="utf-8")
    [found] = segments_of(tmp_path / "l.jsonl", cut="speech")
    assert (found.start_s, found.end_s) == (0.0, 5.0)
    assert 0.4 < found.scores["speech_ratio"] < 0.9


def test_a_text_is_of_the_whole_recording_only(speech_folder, tmp_path):
    source = speech_folder / "jfk.flac"
    row = f'{{"audio_filepath": "{source}", "text": "And so my fellow Americans"}}'
    (tmp_path / "l.jsonl").write_text(row, encoding="utf-8")
    assert [each.text for each in segments_of(tmp_path / "l.jsonl", cut="speech")] == ["", "", ""]
    [whole] = segments_of(tmp_path / "l.jsonl")
    assert whole.text == "And so my fellow Americans"


def test_of_two_recordings_one_that_cannot_be_read_is_half(tmp_path):
    folder = write_recordings(tmp_path)
    task = task_of([(str(folder / name), name, "") for name in ("loud.wav", "none.wav")])
    executor = LocalExecutor({"on_error": "quarantine", "max_rejected_ratio": 0.4})
    with pytest.raises(BudgetExceededError, match="1 of 2 rows cannot be read"):
        Pipeline("measure", stages=[MeasureRecordings(cut="whole")]).run(executor, [task])
