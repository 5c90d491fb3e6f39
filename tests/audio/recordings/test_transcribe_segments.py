import json

import pytest
from audio.sounds import sound_file, tone

from curator_audio.models.transcript import Transcript, Word
from curator_audio.recordings.transcribe_segments import TranscribeSegments, source_of
from curator_audio.task import AudioBatch, Segment
from curator_engine.errors import InputError
from curator_engine.items.limit import Limit


def segment(path, start, end, **more):
    return Segment(uuid=f"{start}", path=str(path), start_s=start, end_s=end, **more)


class Prompter:
    """A recogniser that hears what it was told, as one of a user's may be."""

    name = "prompter"

    def __init__(self, *texts):
        self.texts = list(texts)
        self.heard = []

    def transcribe(self, clips):
        self.heard += map(len, clips)
        return [Transcript(text=self.texts.pop(0), confidence=0.5) for _ in clips]


def test_segments_get_what_was_heard_and_its_errors(tmp_path):
    (tmp_path / "a.wav").write_bytes(sound_file(tone(3.0)))
    limit = Limit(group="wer", score="wer", value=0.5, least=False)
    stage = TranscribeSegments(model="draft", limits=[limit])
    stage._recogniser = Prompter("Good day, all.", "Something else")
    right = segment(tmp_path / "a.wav", 0.0, 1.5, text="GOOD DAY")
    wrong = segment(tmp_path / "a.wav", 1.5, 3.0, text="good night")
    dropped = segment(tmp_path / "a.wav", 2.0, 3.0, drop_reason="short")
    gone = segment("gone.flac", 1.0, 2.0)
    for few in ([right, wrong, dropped], [gone]):
        stage.process(AudioBatch(data=few))
    assert stage._recogniser.heard == [24_000, 24_000]
    assert right.about["transcript"] == "Good day, all."
    assert right.about["recogniser"] == "prompter"
    scores = {"words_per_s": 2.0, "hallucination_signs": 0.0, "asr_confidence": 0.5, "wer": 0.5}
    assert right.scores == scores
    assert (right.drop_stage, wrong.drop_stage) == ("", "wer")
    assert "gone.flac" in gone.errors["transcribe"]


def test_words_of_the_text_that_came_along_have_times(tmp_path):
    class Aligning(Prompter):
        def align(self, clip, text, language=""):
            if text == "unsayable":
                raise InputError("it cannot be said")
            return [Word(text=text, start_s=0.25, end_s=len(clip) / 16_000)]

    (tmp_path / "a.wav").write_bytes(sound_file(tone(3.0)))
    stage = TranscribeSegments(model="draft", align=True)
    stage._recogniser = Aligning("One", "Two", "Three")
    texts = ("one", "unsayable", "")
    segments = [
        segment(tmp_path / "a.wav", float(k), k + 1.0, text=text) for k, text in enumerate(texts)
    ]
    stage.process(AudioBatch(data=segments))
    assert [each.about.get("text_words") for each in segments] == [
        '[["one", 0.25, 1.0]]',
        None,
        None,
    ]
    assert [each.errors for each in segments] == [{}, {"align": "it cannot be said"}, {}]


@pytest.mark.long
def test_the_draft_hears_words_at_their_times(speech_folder):
    stage = TranscribeSegments(model="draft")
    stage.setup()
    said = segment(speech_folder / "jfk.flac", 5.3, 11.0)
    stage.process(AudioBatch(data=[said]))
    assert "do for your country" in said.about["transcript"].lower()
    assert json.loads(said.about["words"])[-1][2] < 5.8
    stage.teardown()


def test_a_model_that_is_none_is_told_before_any_work():
    with pytest.raises(InputError, match="no model"):
        TranscribeSegments(model="no model").check()


def test_a_member_of_a_tar_is_found_again(tmp_path):
    import io
    import tarfile

    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for name in ("1.wav", "2.wav"):
            info = tarfile.TarInfo(name)
            info.size = 5
            tar.addfile(info, io.BytesIO(f"{name}".encode()))
    about = {"file": f"{tmp_path}/a.tar", "member": "2.wav", "position": 1}
    assert source_of(segment(tmp_path / "a.tar", 0, 1, about=about)) == b"2.wav"
