import numpy as np
from audio.sounds import sound_file, tone

from curator_audio.report.snippets import Snippets, outline


def test_an_outline_is_as_high_as_the_loudest_sample():
    wave = outline(np.concatenate([np.zeros(1200, np.float32), np.ones(1200, np.float32)]))
    bars = wave.split("M")[1:]
    assert len(bars) == 120
    assert bars[0] == "0 19.5h.8v1.0h-.8z"
    assert bars[-1] == "119 0.0h.8v40.0h-.8z"


def test_a_recording_far_beyond_full_scale_has_a_sound(tmp_path):
    samples = np.sign(tone(1.0)) * np.float32(9e9)
    (tmp_path / "a.wav").write_bytes(sound_file(samples, subtype="FLOAT"))
    where = {"file": f"{tmp_path}/a.wav", "audio": "", "member": ""}
    found = Snippets().of({**where, "uuid": "a", "rate": 16_000, "start_s": 0.0, "end_s": 1.0})
    assert found
    assert found.sound.startswith("data:audio/mpeg")
