import pytest
from audio.runs import lines_of
from audio.speech_rows import talk

from curator_audio.pipelines.diarize import DiarizeWorkflow, read_truth
from curator_audio.settings import DiarizeSettings
from curator_engine.errors import DamagedFileError, InputError

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
