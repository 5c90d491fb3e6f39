import pytest
from audio.small_networks import write_utmos
from audio.sounds import sound_file, tone

from curator_audio.scores.utmos_filter import UTMOSFilterStage
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, SettingsError


def test_recordings_are_kept_by_their_rating(tmp_path):
    network = write_utmos(tmp_path / "net.pt")
    path = tmp_path / "tone.wav"
    path.write_bytes(sound_file(tone(0.5)))

    def kept(least: float | None):
        stage = UTMOSFilterStage(mos_threshold=least, model_path=network)
        stage.setup_on_node()
        stage.setup()
        found = stage.process(AudioTask(data={"audio_filepath": str(path)}))
        stage.teardown()
        return found and found.data["utmos_mos"]

    rating = kept(None)
    assert rating is not None
    assert kept(rating - 0.01) == rating
    assert kept(rating + 0.01) is None


def test_what_cannot_be_is_refused():
    with pytest.raises(SettingsError):
        UTMOSFilterStage(sample_rate=0)
    with pytest.raises(InputError, match=r"absent\.pt"):
        UTMOSFilterStage(model_path="absent.pt").setup_on_node()
