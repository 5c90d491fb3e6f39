import pickle

from curator_audio.read.audio_error import AudioError, NoSoundError


def test_an_error_survives_its_way_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(AudioError("a.wav", "it is empty")))
    assert (str(error), error.reason) == ("a.wav: it is empty", "it is empty")
    assert type(pickle.loads(pickle.dumps(NoSoundError("a.mp4", "no track")))) is NoSoundError
