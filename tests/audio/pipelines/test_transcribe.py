import pytest
from audio.runs import lines_of
from audio.speech_rows import talk

from curator_audio.pipelines.transcribe import TranscribeWorkflow
from curator_audio.settings import TranscribeSettings
from curator_engine.executors.local import LocalExecutor


def workflow(place, *inputs):
    return TranscribeWorkflow(
        settings=TranscribeSettings(inputs=[str(each) for each in inputs], output=str(place))
    )


def test_a_recording_has_a_line_with_words_and_errors(tmp_path):
    facts = {}
    workflow(tmp_path, "in").finish(talk(), facts)
    first, second = lines_of(tmp_path / "transcripts.jsonl")
    assert (first["name"], first["pred_text"], first["text"]) == (
        "a_talk",
        "Good day. To all!",
        "good day to all",
    )
    assert first["wer"] == 0.0
    assert first["words"][2] == {"word": "To", "start": 3.0, "end": 3.5}
    assert [each.get("speaker") for each in first["segments"]] == ["speaker_0", None]
    assert second["errors"] == ["transcribe: gone"]
    assert (facts["words"], facts["compared"], facts["wer"]) == (4, 1, 0.0)
    assert (facts["without_transcript"], facts["languages"]) == (1, {"en": 2})


@pytest.mark.long
def test_the_draft_is_compared_with_the_texts_of_a_list(speech_folder, tmp_path):
    listed = speech_folder / "transcripts.jsonl"
    facts = workflow(tmp_path / "out", listed).run(LocalExecutor()).metadata
    assert facts["compared"] == 4
    assert facts["wer"] < 0.1
