import math
from types import SimpleNamespace

import pytest
from audio.speech import write_talk

from curator_audio.recordings.diarizers import (
    CampPlusDiarizer,
    open_diarizer,
    spans_by_speaker,
    turns_from,
)
from curator_audio.speakers.turns import Turn
from curator_engine.device import has_gpu
from curator_engine.errors import InputError, ResourceError


def test_our_own_model_tells_two_people_apart(tmp_path):
    talk = write_talk(tmp_path / "talk.wav")
    model = open_diarizer("campplus")
    (said,) = model.diarize(audio=[talk], batch_size=4)
    turns = turns_from(said)
    assert {turn.speaker for turn in turns} == {"speaker_0", "speaker_1"}
    assert turns[-1].speaker == "speaker_0"
    found = model.hear(talk)
    assert [f"{t.start_s:.3f}" for t in found.turns] == [text.split()[0] for text in said]


def test_sortformer_needs_nemo():
    for name in ("nvidia/diar_sortformer_4spk-v1", "model.nemo"):
        with pytest.raises(ResourceError, match="needs nemo_toolkit"):
            open_diarizer(name)


def test_all_forms_of_turns_are_understood():
    said = [
        *("1.5 2.5 speaker_1", "0.0 1.0"),
        SimpleNamespace(start=3, end=9, label="x"),
        *((-1, 0.5, "y"), (5, 5, "z"), (math.nan, 9, "z"), (9, 12, "z")),
    ]
    assert turns_from(said, seconds=8) == [
        Turn(start_s=0.0, end_s=0.5, speaker="y"),
        Turn(start_s=0.0, end_s=1.0, speaker="unknown"),
        Turn(start_s=1.5, end_s=2.5, speaker="speaker_1"),
        Turn(start_s=3.0, end_s=8, speaker="x"),
    ]
    assert spans_by_speaker(turns_from(["2 3 b", "0 1 a", "4 5 b"])) == {
        "a": [(0, 1)],
        "b": [(2, 3), (4, 5)],
    }


@pytest.mark.parametrize("said", ["", "a b c", (1, 2), 5, SimpleNamespace(start="x", end=1)])
def test_what_are_no_turns_is_an_input_error(said):
    with pytest.raises(InputError, match="no start, end and speaker"):
        turns_from([said])


@pytest.mark.gpu
@pytest.mark.skipif(not has_gpu(), reason="no GPU here")
def test_a_gpu_agrees_with_the_cpu(tmp_path):
    talk = write_talk(tmp_path / "talk.wav")
    here, there = (CampPlusDiarizer(device=each).diarize([talk]) for each in ("cpu", "gpu"))
    assert there == here
