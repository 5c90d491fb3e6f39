from typing import Any

import numpy as np
import pytest
from audio.small_networks import band_noise, write_forest
from audio.sounds import sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.recordings.entry_stages import (
    BandFilterStage,
    BandwidthEstimationStage,
    GetAudioDurationStage,
    MonoConversionStage,
    PreserveByValueStage,
    get_audio_duration,
)
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError


@pytest.fixture
def path(tmp_path):
    """Two seconds at 16,000 Hz: a tone of 1,000 Hz, then one of 6,000 Hz."""
    file = tmp_path / "tones.wav"
    file.write_bytes(sound_file(np.concatenate((tone(1, hertz=1000), tone(1, hertz=6000)))))
    return str(file)


def entry(path, **more):
    return AudioTask(data={"audio_filepath": path, **more})


def test_the_length_is_counted_and_minus_one_where_there_is_none(path, tmp_path):
    stage = GetAudioDurationStage()
    assert stage.process(entry(path)).data["duration"] == get_audio_duration(path) == 2
    assert stage.process(entry(str(tmp_path / "none.wav"))).data["duration"] == -1
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    assert stage.process(entry(str(tmp_path / "bad.wav"))).data["duration"] == -1


def test_entries_are_kept_by_a_value():
    preserve: Any = PreserveByValueStage
    at_least_two: Any = preserve("duration", 2, "ge")
    kept = [seconds for seconds in (1, 2, 3) if at_least_two.process(entry("x", duration=seconds))]
    assert kept == [2, 3]
    with pytest.raises(SettingsError, match="operator='about' is none"):
        preserve("duration", 2, "about")


def test_recordings_of_another_rate_are_dropped_if_that_is_asked_for(path):
    assert MonoConversionStage().process(entry(path)) is None
    task = MonoConversionStage(strict_sample_rate=False).process(entry(path))
    assert task is not None
    assert (task.data["sample_rate"], task.data["num_samples"]) == (16_000, 32_000)
    with pytest.raises(SettingsError):
        MonoConversionStage(output_sample_rate=0)


def test_bands_are_told_apart(path):
    task = BandFilterStage().process(entry(path))
    assert task is not None
    assert task.data["band_prediction"] == "full_band"
    low = entry(path, offset=0.0, duration=0.9)
    assert BandFilterStage().process(low) is None
    assert BandFilterStage(band_value="narrow_band").process(low) is not None
    wrong: Any = {"band_value": "wide"}
    with pytest.raises(SettingsError):
        BandFilterStage(**wrong)


def test_bands_of_segments_and_of_samples_that_are_carried(path):
    rows = [{"start_ms": 0, "end_ms": 900}, {"start": 1.1, "end": 2.0}]
    found = BandFilterStage().process(entry(path, segments=[dict(row) for row in rows]))
    assert found is not None
    assert found.data["segments"] == [{**rows[1], "band_prediction": "full_band"}]
    assert BandFilterStage().process(entry(path, segments=rows[:1])) is None
    carried = {"waveform": tone(1, hertz=1000).T, "sample_rate": 16_000}
    narrow = BandFilterStage(band_value="narrow_band").process(AudioTask(data=carried))
    assert narrow is not None


def test_a_forest_tells_bands_apart(tmp_path):
    narrow = tmp_path / "narrow.wav"
    samples = np.concatenate([band_noise(9, 4_000), band_noise(9)])
    narrow.write_bytes(sound_file(samples[:, None], rate=48_000, subtype="FLOAT"))
    stage = BandFilterStage(model_path=write_forest(tmp_path / "forest.joblib"))
    stage.setup()
    assert stage.process(entry(str(narrow), offset=0.0, duration=0.5)) is None
    assert stage.process(entry(str(narrow), offset=0.5)) is not None
    stage.teardown()
    with pytest.raises(InputError, match="no such file"):
        BandFilterStage(model_path="absent.joblib").setup()


def test_the_bandwidth_of_segments_and_of_entries_without(path):
    stage = BandwidthEstimationStage()
    assert stage.process(entry(path)).data["metrics"]["bandwidth"] == pytest.approx(6000, abs=400)
    rows = [
        {"start": 0.0, "end": 0.9, "metrics": {"snr": 3}},
        {"start": 1.0, "end": 2.0},
        {"start": 1.0, "end": 2.0, "speaker": "no-speaker"},
        {"start": 1.0, "end": 2.0, "text": " "},
    ]
    low, high, *without = stage.process(entry(path, segments=rows)).data["segments"]
    assert low["metrics"] == {"snr": 3, "bandwidth": pytest.approx(1000, abs=400)}
    assert high["metrics"]["bandwidth"] == pytest.approx(6000, abs=400)
    assert not any("metrics" in row for row in without)
    with pytest.raises(AudioError, match="a segment has no start and end"):
        stage.process(entry(path, segments=[{"start": 0}]))


@pytest.mark.parametrize(
    "wrong", [{"n_fft": 3}, {"stride_seconds": 0}, {"frequency_threshold": 3.0}, {"top_db": 10}]
)
def test_values_out_of_range_are_refused(wrong):
    with pytest.raises(SettingsError):
        BandwidthEstimationStage(**wrong)
