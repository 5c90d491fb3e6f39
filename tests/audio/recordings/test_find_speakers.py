import json

import numpy as np
import pytest
from audio.sounds import sound_file

from curator_audio.recordings.find_speakers import FindSpeakers, check_speakers
from curator_audio.task import AudioBatch, Segment
from curator_engine.items.limit import Limit


class Signs:
    """Hears who speaks by the sign of the samples."""

    def embed(self, clips):
        return np.array([[1, 0] if clip.mean() > 0 else [0, 1] for clip in clips], np.float32)


@pytest.fixture
def two_people(tmp_path):
    """The first speaks for six seconds, the second for three."""
    samples = np.repeat(np.array([0.5, -0.5], np.float32), [6 * 16_000, 3 * 16_000])[:, None]
    (tmp_path / "a.wav").write_bytes(sound_file(samples))
    return str(tmp_path / "a.wav")


def segment(path, start, end):
    return Segment(uuid=f"{start}", path=path, start_s=start, end_s=end, speech=[(start, end)])


def test_segments_get_a_speaker_and_those_of_several_go(two_people):
    limit = Limit(group="speakers", score="speaker_share", value=0.95, least=True)
    stage = FindSpeakers(limits=[limit])
    stage._voices = Signs()
    batch = AudioBatch(data=[segment(two_people, 0.0, 4.5), segment(two_people, 4.5, 9.0)])
    first, second = stage.process(batch).data
    assert (first.about["speaker"], first.drop_stage) == ("speaker_0", "")
    assert json.loads(first.about["turns"]) == [[0.0, 4.5, "speaker_0"]]
    assert (second.about["speaker"], second.drop_stage) == ("speaker_1", "speakers")
    assert second.scores["overlap_share"] == 0.0


def test_a_recording_that_is_gone_is_an_error_of_its_segments():
    stage = FindSpeakers()
    gone = segment("gone.wav", 0.0, 1.0)
    stage.process(AudioBatch(data=[gone]))
    assert "gone.wav" in gone.errors["speakers"]
    assert stage.process(AudioBatch(data=[])).data == []


def test_what_is_needed_is_there():
    check_speakers()
