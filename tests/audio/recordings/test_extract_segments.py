import csv
import json
from typing import Any

import pytest
import soundfile
from audio.sounds import sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.recordings.extract_segments import (
    SegmentExtractionStage,
    detect_combo,
    extract_segments,
    extract_segments_by_timestamps,
    extract_speaker_diar_segments,
    extract_speaker_segments_by_timestamps,
    load_manifest,
    load_manifests,
)
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "in" / "talk.wav"
    path.parent.mkdir()
    path.write_bytes(sound_file(tone(4)))
    return str(path)


def times(talk, start, end, **more):
    return {"original_file": talk, "original_start_ms": start, "original_end_ms": end, **more}


def extract(out, entries, checkpoint=None, **settings):
    stages: Any = [SegmentExtractionStage(output_dir=str(out), **settings)]
    tasks: Any = [AudioTask(data=entry) for entry in entries]
    pipeline = Pipeline("extract", stages=stages)
    pipeline.run(LocalExecutor(), initial_tasks=tasks, checkpoint_path=checkpoint)
    with (out / "metadata.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_segments_are_numbered_by_their_time_whatever_the_order_of_entries(tmp_path, talk):
    entries = [times(talk, 2000, 3500, utmos_mos=3.14159, waveform=[1]), times(talk, 0, 500)]
    rows = extract(tmp_path / "out", entries)
    assert [row["filename"] for row in rows] == ["talk_segment_000.wav", "talk_segment_001.wav"]
    assert rows[1] == {
        "filename": "talk_segment_001.wav",
        "original_file": talk,
        "segment_index": "0",
        "start_sec": "2.0",
        "end_sec": "3.5",
        "duration": "1.5",
        "utmos_mos": "3.1416",
    }
    whole, _ = soundfile.read(talk, dtype="int16")
    part, rate = soundfile.read(tmp_path / "out" / "talk_segment_001.wav", dtype="int16")
    assert (rate, part.tobytes()) == (16_000, whole[32_000:56_000].tobytes())
    again = extract(tmp_path / "again", entries[::-1])
    assert [row["start_sec"] for row in again] == ["0.0", "2.0"]


def test_turns_and_times_of_speakers_have_the_speaker_in_their_names(tmp_path, talk):
    entries = [
        {"original_file": talk, "speaker_id": "speaker_1", "diar_segments": [[1, 2], [0, 0.5]]},
        {"original_file": talk, "diar_segments": [{"start": 2, "end": 3, "speaker": "../x"}]},
        times(talk, 3000, 3500, speaker_id="speaker_0", num_speakers=2),
        {"original_file": talk, "speaker_id": "speaker_3", "diar_segments": [["x", 1]]},
    ]
    rows = extract(tmp_path / "out", entries, output_format="flac")
    assert [(row["filename"], row["duration"]) for row in rows] == [
        ("talk_speaker_.._x_segment_000.flac", "1.0"),
        ("talk_speaker_0_segment_000.flac", "0.5"),
        ("talk_speaker_1_segment_000.flac", "0.5"),
        ("talk_speaker_1_segment_001.flac", "1.0"),
    ]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.flac")) == [
        row["filename"] for row in rows
    ]


def test_two_recordings_of_one_name_do_not_take_each_others_place(tmp_path, talk):
    other = tmp_path / "talk.wav"
    other.write_bytes(sound_file(tone(1)))
    rows = extract(tmp_path / "out", [times(str(other), 0, 500), times(talk, 0, 250)])
    assert [(row["filename"], row["original_file"]) for row in rows] == [
        ("talk_segment_000.wav", talk),
        ("talk_segment_001.wav", str(other)),
    ]


def test_a_new_run_leaves_nothing_of_the_one_before_and_files_of_others_stay(tmp_path, talk):
    out = tmp_path / "out"
    extract(out, [times(talk, 0, 500), times(talk, 1000, 1500)])
    (out / "mine.wav").write_bytes(b"mine")
    extract(out, [times(talk, 0, 250)])
    assert sorted(path.name for path in out.glob("*.wav")) == ["mine.wav", "talk_segment_000.wav"]
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "metadata.csv").write_text("mine\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"metadata\.csv is there"):
        extract(tmp_path / "new", [times(talk, 0, 250)])


def test_a_run_that_failed_goes_on_to_what_one_run_leaves(tmp_path, talk):
    late = tmp_path / "in" / "late.wav"
    entries = [times(talk, 1000, 1500), times(str(late), 0, 500), times(talk, 0, 500)]
    with pytest.raises(StageError):
        extract(tmp_path / "out", entries, str(tmp_path / "checkpoint"))
    late.write_bytes(sound_file(tone(1)))
    rows = extract(tmp_path / "out", entries, str(tmp_path / "checkpoint"))
    assert rows == extract(tmp_path / "whole", entries)
    assert [row["start_sec"] for row in rows] == ["0.0", "0.0", "1.0"]
    assert len([*(tmp_path / "out").glob("*.wav")]) == 3


def test_by_hand_the_table_is_there_at_once(tmp_path, talk):
    stage = SegmentExtractionStage(output_dir=str(tmp_path / "out"), output_format="ogg")
    assert stage.process_batch([]) == []
    for start in (1000, 0):
        stage.process(AudioTask(data=times(talk, start, start + 500)))
    names = [path.name for path in sorted((tmp_path / "out").glob("*.ogg"))]
    assert names == ["talk_segment_000.ogg", "talk_segment_001.ogg"]
    assert len((tmp_path / "out" / "metadata.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_times_that_are_no_span_are_said(tmp_path, talk):
    stage = SegmentExtractionStage(output_dir=str(tmp_path / "out"))
    with pytest.raises(AudioError, match="from 500 to 500 ms"):
        stage.process(AudioTask(data=times(talk, 500, 500)))


def test_a_manifest_is_extracted_with_a_summary(tmp_path, talk):
    lists = tmp_path / "lists"
    lists.mkdir()
    for number in range(2):
        entry = times(talk, number * 1000, number * 1000 + 500, speaker_id="speaker_0")
        (lists / f"{number}.jsonl").write_text(json.dumps(entry) + "\n\n", encoding="utf-8")
    extract_segments(str(lists), str(tmp_path / "out"))
    summary = json.loads((tmp_path / "out" / "extraction_summary.json").read_text("utf-8"))
    assert (summary["total_segments"], summary["total_duration_sec"]) == (2, 1.0)
    assert summary["segments_by_speaker"] == {"speaker_0": 2}
    SegmentExtractionStage(output_dir=str(tmp_path / "again")).extract_from_manifest(str(lists))
    assert len([*(tmp_path / "again").glob("*.wav")]) == 2


@pytest.mark.parametrize(
    ("extracted", "names", "seconds"),
    [
        (extract_segments_by_timestamps, ["talk_segment_000.wav"], 3.0),
        (extract_speaker_segments_by_timestamps, ["talk_speaker_a_segment_000.wav"], 3.0),
        (
            extract_speaker_diar_segments,
            ["talk_speaker_a_segment_000.wav", "talk_speaker_a_segment_001.wav"],
            1.5,
        ),
    ],
)
def test_what_is_cut_can_be_said(tmp_path, talk, extracted, names, seconds):
    entry = times(talk, 0, 3000, speaker_id="a", diar_segments=[[0, 1], [2, 2.5]])
    count, length, speakers, rows = extracted([entry], str(tmp_path / "out"), "wav")
    assert [row["filename"] for row in rows] == names
    assert (count, length) == (len(names), seconds)
    assert speakers == ({} if "speaker" not in names[0] else {"a": count})
    assert sorted(path.name for path in (tmp_path / "out").glob("*.wav")) == names


def test_manifests_are_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "hello"}\n\n{"text": "world"}\n', encoding="utf-8")
    assert load_manifest(str(path)) == load_manifests(str(tmp_path))
    assert [row["text"] for row in load_manifest(str(path))] == ["hello", "world"]
    path.write_text("[1]\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 1 is no JSON object"):
        load_manifest(str(path))
    with pytest.raises(InputError, match="no manifest"):
        load_manifests(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("entries", "combo"),
    [
        ([], 2),
        ([{"original_start_ms": 0}], 2),
        ([{"diar_segments": [[0, 1]]}], 2),
        ([{"speaker_id": "speaker_0", "diar_segments": [[0, 1]]}], 3),
        ([{"diar_segments": [{"start": 0, "end": 1, "speaker": "a"}]}], 3),
        ([{"speaker_id": "speaker_0", "original_start_ms": 0}], 4),
    ],
)
def test_what_entries_say_is_told(entries, combo):
    assert detect_combo(entries) == combo


@pytest.mark.parametrize("wrong", [{"output_dir": ""}, {"output_format": "mp3"}])
def test_settings_are_checked(wrong):
    stage: Any = SegmentExtractionStage
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        stage(**{"output_dir": "out", **wrong})
