import pytest
import soundfile
from audio.sounds import sound_file, tone

from curator_audio.recordings.split_long_audio import (
    JoinSplitAudioMetadataStage,
    SplitLongAudioStage,
)
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError, StorageError


def split(path, ends, duration, **settings):
    entry = {
        "resampled_audio_filepath": str(path),
        "duration": duration,
        "audio_item_id": "talk",
        "segments": [{"end": end} for end in ends],
    }
    return SplitLongAudioStage(**settings).process(AudioTask(data=entry)).data


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "in" / "talk.wav"
    path.parent.mkdir()
    path.write_bytes(sound_file(tone(5)))
    return path


def spans(entry):
    lengths = [part["duration"] for part in entry["split_metadata"]]
    return list(zip(entry["split_offsets"], lengths, strict=True))


@pytest.mark.parametrize(
    ("longest", "ends", "points"),
    [
        (3600, [100, 200], []),
        (40, [20, 40, 60, 90], [40, 60]),
        (100, [], []),
        (10, [25, 30, 60], [25, 30]),
    ],
)
def test_it_cuts_after_the_last_segment_that_fits(longest, ends, points):
    stage = SplitLongAudioStage(suggested_max_len=longest)
    assert stage.get_split_points({"segments": [{"end": end} for end in ends]}) == points


def test_a_short_recording_stays_one_part(tmp_path):
    entry = split(tmp_path / "no.wav", [1.0], 100.0)
    assert entry["split_filepaths"] == [str(tmp_path / "no.wav")]
    assert spans(entry) == [(0.0, 100.0)]
    assert entry["split_metadata"][0]["audio_item_id"] == "talk"


def test_parts_together_are_the_recording(recording):
    entry = split(recording, [1.5, 2.25, 4.0, 4.9], 5.0, suggested_max_len=2.0, min_len=0.5)
    assert spans(entry) == [(0.0, 1.5), (1.5, 0.75), (2.25, 1.75), (4.0, 1.0)]
    assert [part["audio_item_id"] for part in entry["split_metadata"]][:2] == ["talk_0", "talk_1"]
    read = [soundfile.read(path, dtype="int16")[0] for path in entry["split_filepaths"]]
    whole, _ = soundfile.read(recording, dtype="int16")
    assert b"".join(part.tobytes() for part in read) == whole.tobytes()
    assert entry["split_filepaths"][0] == str(recording.with_name("talk.1_of_4.wav"))


def test_no_second_is_lost_where_a_part_would_be_too_short_or_has_no_pause(recording, tmp_path):
    short_end = split(recording, [2.0, 4.8], 5.0, suggested_max_len=2.5, split_dir=str(tmp_path))
    assert spans(short_end) == [(0.0, 2.0), (2.0, 3.0)]
    assert short_end["split_filepaths"][0] == str(tmp_path / "talk.1_of_2.wav")
    endless = split(recording, [], 5.0, suggested_max_len=2.0)
    assert spans(endless) == [(0.0, 5.0)]
    assert endless["split_filepaths"] == [str(recording)]


def test_a_file_of_others_stays(recording):
    other = recording.with_name("talk.1_of_2.wav")
    other.write_bytes(b"mine")
    with pytest.raises(StorageError, match=r"talk\.1_of_2\.wav"):
        split(recording, [2.0, 4.0], 5.0, suggested_max_len=3.0)
    assert other.read_bytes() == b"mine"


def test_lengths_are_checked():
    with pytest.raises(SettingsError, match="above min_len"):
        SplitLongAudioStage(suggested_max_len=1.0)


def words(*texts):
    return [{"word": word, "start": n / 2, "end": n / 2 + 0.5} for n, word in enumerate(texts)]


def joined(**entry):
    return JoinSplitAudioMetadataStage().process(AudioTask(data=entry)).data


def test_times_of_words_become_those_of_the_whole():
    entry = joined(
        split_filepaths=["a.wav", "b.wav", "c.wav"],
        split_metadata=[
            {"text": "first part", "alignment": words("first", "part")},
            {"text": "", "alignment": []},
            {"text": "second part", "alignment": words("second", "part")},
        ],
        split_offsets=[0.0, 3.0, 5.0],
    )
    assert entry["text"] == "first part second part"
    assert [(each["start"], each["end"]) for each in entry["alignment"]] == [
        (0.0, 0.5),
        (0.5, 1.0),
        (5.0, 5.5),
        (5.5, 6.0),
    ]
    assert not {"split_filepaths", "split_metadata"} & entry.keys()


@pytest.mark.parametrize("more", [{"split_filepaths": None}, {}, {"split_filepaths": ["a.wav"]}])
def test_an_entry_that_was_not_cut_passes(more):
    assert joined(text="hello", **more) == {"text": "hello"}
