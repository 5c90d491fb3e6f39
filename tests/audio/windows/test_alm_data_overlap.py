import pytest

from curator_audio.windows.alm_data_overlap import ALMDataOverlapStage
from curator_engine.errors import SettingsError
from curator_engine.task import Task


def windows(*spans):
    return [
        {"segments": [{"start": start, "end": end - 1}, {"start": end - 1, "end": end}]}
        for start, end in spans
    ]


def choose(entry, **options):
    return ALMDataOverlapStage(**options).process(Task(data=entry)).data


def test_the_window_nearest_to_the_target_stays():
    found = choose(
        {"windows": windows((0, 110), (10, 130), (130, 250)), "stats": {"swift_path": "s3"}}
    )
    assert found["filtered"] == [(130, 10), (250, 130)]
    assert [each["segments"][0]["start"] for each in found["filtered_windows"]] == [10, 130]
    assert (found["filtered_dur"], found["filtered_dur_list"]) == (240, [120, 120])
    assert (found["total_dur_window"], found["swift_filepath"]) == (350, "s3")
    assert found["total_dur_list_window_timestamps"][0] == (110, 0)


def test_half_an_overlap_may_be_allowed():
    entry = {"windows": windows((0, 120), (50, 170), (100, 220))}
    assert len(choose(entry, overlap_percentage=50)["filtered"]) == 2
    assert len(choose(entry, overlap_percentage=100)["filtered"]) == 3


def test_no_windows_are_no_error():
    found = choose({"windows": [], "audio_filepath": "a.wav"})
    assert (found["filtered_windows"], found["filtered_dur"], found["swift_filepath"]) == (
        [],
        0.0,
        None,
    )


@pytest.mark.parametrize("options", [{"overlap_percentage": 101}, {"target_duration": 0}])
def test_settings_are_checked(options):
    with pytest.raises(SettingsError):
        ALMDataOverlapStage(**options)
