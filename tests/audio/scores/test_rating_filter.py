import math
from dataclasses import dataclass
from typing import Any

import pytest
from audio.sounds import sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.scores.rating_filter import RatingFilter
from curator_audio.task import AudioTask


@dataclass(kw_only=True)
class Seconds(RatingFilter):
    """Rates a clip by its length."""

    least: float | None = 1.0

    def rating_rate(self) -> int:
        return 8_000

    def ratings(self, clip):
        return {"seconds": len(clip) / 8_000} if len(clip) else None

    def thresholds(self):
        return {"seconds": self.least}


@pytest.fixture
def path(tmp_path):
    (tmp_path / "tone.wav").write_bytes(sound_file(tone(2)))
    return str(tmp_path / "tone.wav")


def kept(entry: dict[str, Any], least: float | None = 1.0) -> Any:
    found = Seconds(least=least).process(AudioTask(data=entry))
    return found and found.data


def test_entries_are_kept_by_their_ratings(path):
    assert kept({"audio_filepath": path})["seconds"] == 2
    assert kept({"audio_filepath": path, "offset": 1.5, "duration": 0.5}) is None
    assert kept({"audio_filepath": path, "offset": 1.5, "duration": 0.5}, None)["seconds"] == 0.5
    assert kept({"audio_filepath": path}, math.nan) is None


def test_segments_are_kept_by_theirs(path):
    rows = [
        {"start": 0.0, "end": 1.5},
        {"start": 1.0, "end": 1.2},
        {"start_ms": 0, "end_ms": 1000, "audio_filepath": path},
        {"start": 5.0, "end": 6.0},
    ]
    found = kept({"audio_filepath": path, "segments": [dict(row) for row in rows]})
    assert found["segments"] == [{**rows[0], "seconds": 1.5}, {**rows[2], "seconds": 1.0}]
    assert kept({"audio_filepath": path, "segments": rows[1:2]}) is None


def test_samples_that_are_carried_come_before_the_file():
    carried = {"waveform": tone(2).T, "sample_rate": 16_000, "audio_filepath": "gone.wav"}
    assert kept(dict(carried))["seconds"] == 2
    rows = [dict(carried), {**carried, "waveform": tone(0.5).T}]
    assert [row["seconds"] for row in kept({"segments": rows})["segments"]] == [2]


def test_what_went_is_counted_and_what_is_damaged_is_an_error(path, tmp_path):
    stage = Seconds()
    stage.process(AudioTask(data={"audio_filepath": path, "segments": [{"start": 0, "end": 0.5}]}))
    assert stage.take_notes()[1] == {"seconds": 1}
    (tmp_path / "bad.wav").write_text("no sound")
    with pytest.raises(AudioError):
        stage.process(AudioTask(data={"audio_filepath": str(tmp_path / "bad.wav")}))
