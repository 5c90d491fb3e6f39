import pytest

from curator_audio.task import AudioTask
from curator_audio.transcripts.whisper_hallucination import WhisperHallucinationStage


def look(entry, **options):
    stage = WhisperHallucinationStage(**options)
    stage.setup()
    return stage.process(AudioTask(data=entry)).data


LOOP = "no no no no no no"


def test_a_transcript_with_signs_is_marked():
    assert look({"pred_text": LOOP})["_skipme"] == "Hallucination:WhisperHallucination"
    assert "_skipme" not in look({"pred_text": "ask not what", "duration": 1.0})
    assert "_skipme" in look({"pred_text": "ask not what", "duration": 0.1})


def test_words_may_be_long_in_german():
    entry = {"pred_text": "donaudampfschifffahrtsgesell schaften", "language": "de"}
    assert "_skipme" not in look(entry)


@pytest.mark.parametrize("text", ["", None, "ask not"])
def test_nothing_is_said_of_other_transcripts(text):
    assert look({"pred_text": text}) == {"pred_text": text}


def test_another_mark_stays():
    assert look({"pred_text": LOOP, "_skipme": "empty"})["_skipme"] == "empty"
    assert look({"pred_text": LOOP, "_skipme": "empty"}, overwrite=True)["_skipme"] == "empty"


def test_a_mark_is_taken_off_where_a_new_transcript_has_no_signs():
    entry = {"pred_text": "ask not", "_skipme": "Hallucination:x", "additional_notes": "old"}
    assert look(dict(entry))["_skipme"] == "Hallucination:x"
    found = look(entry, overwrite=True, recovery_value="recovered")
    assert (found["_skipme"], found["additional_notes"]) == ("", "old; recovered")


def test_phrases_come_from_a_file(tmp_path):
    (tmp_path / "phrases.txt").write_text("ask not\n")
    options = {"common_hall_file": str(tmp_path / "phrases.txt"), "name": "first"}
    assert look({"pred_text": "Ask not."}, **options)["_skipme"] == "Hallucination:first"
