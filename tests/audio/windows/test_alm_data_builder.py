from typing import Any

import pytest

from curator_audio.windows.alm_data_builder import ALMDataBuilderStage, BuilderStats
from curator_engine.errors import SettingsError
from curator_engine.task import Task


def conversation(count=30, seconds=10.0, rate=16000, bandwidth=8000) -> dict[str, Any]:
    segments = [
        {
            "start": i * seconds,
            "end": (i + 1) * seconds,
            "speaker": f"s{i % 2}",
            "text": f"t{i}",
            "words": [{"word": f"t{i}", "start": i * seconds, "end": (i + 0.5) * seconds}],
            "metrics": {"bandwidth": bandwidth},
        }
        for i in range(count)
    ]
    return {"audio_filepath": "a.wav", "audio_sample_rate": rate, "segments": segments}


def build(entry, **options):
    return ALMDataBuilderStage(**options).process(Task(data=entry)).data


def test_a_window_begins_at_each_segment_that_leaves_enough_time():
    """Of 300 s, a window of 108 to 132 s begins at 0, 10 ... 190: 19 end at a cut word, one at 300."""
    found = build(conversation())
    assert len(found["windows"]) == 20
    first, last = (found["windows"][i]["segments"] for i in (0, -1))
    assert (first[-1]["start"], first[-1]["end"]) == (130.0, 130.0)
    assert (last[0]["start"], last[-1]["end"]) == (190.0, 300.0)
    assert found["windows"][0]["speaker_durations"] == [70.0, 60.0, 0.0, 0.0, 0.0]
    assert found["truncation_events"] == 17


def test_fields_are_dropped():
    found = build(conversation())
    assert "words" not in found["windows"][0]["segments"][0]
    assert ("segments" in found, found["audio_filepath"]) == (False, "a.wav")
    kept = build(conversation(), drop_fields="", drop_fields_top_level="")
    assert "words" in kept["windows"][0]["segments"][0]
    assert len(kept["segments"]) == 30


def test_reasons_are_counted():
    entry = conversation()
    entry["segments"][0]["metrics"]["bandwidth"] = 0
    stats = build(entry)["stats"]
    assert (stats["lost_bw"], stats["dur_lost_bw"], stats["total_segments"]) == (1, 10.0, 30)
    assert (stats["lost_win"], len(stats["lost_win_full_data"])) == (10, 10)
    assert stats["lost_win_full_data"][-1]["index"] == 29


def test_a_window_of_one_speaker_is_none():
    entry = conversation()
    for each in entry["segments"]:
        each["speaker"] = "s0"
    found = build(entry)
    assert (found["windows"], found["stats"]["lost_spk"]) == ([], 20)


def test_what_a_short_window_stopped_at_is_counted():
    entry = conversation(4)
    entry["segments"][1]["speaker"] = "no-speaker"
    entry["segments"][3]["metrics"]["bandwidth"] = 100
    stats = build(entry)["stats"]
    assert (stats["lost_win"], stats["lost_no_spkr"], stats["lost_next_seg_bm"]) == (3, 2, 1)


@pytest.mark.parametrize(
    "entry", [conversation(rate=8000), {"audio_sample_rate": 8000, "segments": []}]
)
def test_a_low_sample_rate_loses_all(entry):
    count = len(entry.get("segments", []))
    found = build(entry)
    assert (found["windows"], found["stats"]["lost_sr"]) == ([], count)


def test_a_recording_without_segments_has_no_windows():
    assert (
        build({"audio_sample_rate": 16000, "segments": []})["stats"]
        == BuilderStats(audio_sample_rate=16000).to_dict()
    )


def test_impossible_windows_are_an_error():
    with pytest.raises(SettingsError, match="tolerance"):
        ALMDataBuilderStage(tolerance=1.5)
