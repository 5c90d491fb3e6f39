import json

import pyarrow as pa

from curator_audio.report import lanes

ROW = {
    "recording": "0a",
    "place": "a<b>.wav",
    "recording_s": 20.0,
    "start_s": 1.0,
    "end_s": 9.0,
    "keep": True,
    "drop_stage": "",
    "drop_reason": "",
    "transcript": "so it is",
    "text": "",
    "turns": json.dumps([[1.0, 4.0, "speaker_0"], [4.5, 9.0, "speaker_1"]]),
    "overlaps": json.dumps([[3.0, 4.0]]),
}


def lanes_section(rows):
    return lanes.lanes_section(pa.Table.from_pylist(rows))


def test_a_recording_has_lanes_of_segments_speakers_and_of_two_at_once():
    shown = lanes_section([ROW])
    assert shown.count("<rect") == 4
    for name in ("segments", "speaker_0", "speaker_1", "two at once", "so it is", "20.0 s"):
        assert name in shown
    assert "a&lt;b&gt;.wav" in shown
    assert "a<b>" not in shown


def test_recordings_without_speech_are_not_shown():
    silent = {**ROW, "drop_stage": "speech", "keep": False}
    unread = {**ROW, "recording": None}
    assert lanes_section([silent, unread]) == ""


def test_some_recordings_are_shown_of_many():
    rows = [{**ROW, "recording": str(k), "turns": None, "overlaps": None} for k in range(20)]
    shown = lanes_section(rows)
    assert "12 of 20 recordings" in shown
    assert shown.count("<svg") == 12
