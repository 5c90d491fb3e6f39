import numpy as np
import pytest
from audio.runs import lines_of
from audio.sounds import sound_file
from audio.speech import recording
from audio.speech_rows import talk

from curator_audio.pipelines.diarize import DiarizeWorkflow, read_truth
from curator_audio.settings import DiarizeSettings
from curator_engine.errors import DamagedFileError, InputError
from curator_engine.executors.local import LocalExecutor

TRUTH = "SPEAKER a_talk 1 0.0 2.0 <NA> <NA> ann <NA> <NA>\nSPEAKER a_talk 1 3.0 4.0 <NA> <NA> bob <NA> <NA>\n"


def workflow(place, truth):
    settings = DiarizeSettings(inputs=["in"], output=str(place), rttm=str(truth))
    return DiarizeWorkflow(settings=settings)


def test_turns_are_written_and_compared_with_the_truth(tmp_path):
    truth = tmp_path / "truth"
    truth.mkdir()
    (truth / "all.rttm").write_text(TRUTH)
    made = workflow(tmp_path / "out", truth)
    made.check()
    facts = {}
    made.finish(talk(), facts)
    first, second = lines_of(tmp_path / "out/speakers.jsonl")
    assert (first["num_speakers"], second["num_speakers"]) == (2, 0)
    assert first["speaker_seconds"] == {"speaker_0": 2.0, "speaker_1": 2.0}
    assert first["overlap_segments"] == [{"start": 0.5, "end": 1.0}]
    # Of 5 s, 0.25 beside each edge do not count; two of bob's seconds are missed but for the collar.
    assert facts["errors"]["missed_s"] == pytest.approx(1.75)
    assert facts["error_rate"] == pytest.approx(1.75 / 5.0)
    assert (facts["speakers"], facts["compared"]) == ({"0": 1, "2": 1}, 1)
    assert (tmp_path / "out/rttm/a_talk.rttm").read_text().count("SPEAKER") == 2


def test_a_truth_that_is_none_is_told_before_any_work(tmp_path):
    with pytest.raises(InputError, match=r"holds no \.rttm file"):
        workflow(tmp_path / "out", tmp_path).check()
    (tmp_path / "a.rttm").write_text("SPEAKER a 1 x y\n")
    with pytest.raises(DamagedFileError, match="no start, duration and speaker"):
        read_truth(str(tmp_path))


_PEOPLE = {
    "2412-153948-0000.flac": "ann",
    "LJ002-0035.wav": "bob",
    "jfk.flac": "jfk",
    "libri-1088-134315-0000.wav": "dan",
    "librispeech_198-209-0000.ogg": "eve",
    "2412-153948-0001.flac": "ann",
}


@pytest.mark.long
def test_five_people_are_told_apart_and_one_who_comes_back_is_known(tmp_path):
    parts, lines, at = list[np.ndarray](), list[str](), 0
    for name, who in _PEOPLE.items():
        part = recording(name)[: 8 * 16_000]
        lines.append(f"SPEAKER five 1 {at / 16_000} {len(part) / 16_000} <NA> <NA> {who} <NA> <NA>")
        parts += [0.5 * part / np.abs(part).max(), np.zeros(8_000, np.float32)]
        at += len(part) + 8_000
    (tmp_path / "five.wav").write_bytes(sound_file(np.concatenate(parts)[:, None]))
    (tmp_path / "five.rttm").write_text("\n".join(lines), encoding="utf-8")
    settings = DiarizeSettings(
        inputs=[str(tmp_path / "five.wav")], output=str(tmp_path / "out"), rttm=str(tmp_path)
    )
    facts = DiarizeWorkflow(settings=settings).run(LocalExecutor({"workers": 1})).metadata
    assert facts["speakers"] == {"5": 1}
    assert facts["errors"]["confused_s"] < 0.5
    assert facts["error_rate"] < 0.1
