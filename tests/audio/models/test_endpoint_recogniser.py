import io

import numpy as np
import pytest
import soundfile
from chat_server import Reply, chat_server, complaint

from curator_audio.models.endpoint_recogniser import EndpointRecogniser
from curator_audio.models.transcript import Word

CLIP = np.linspace(-0.5, 0.5, 8000, dtype=np.float32)
REPLY = {
    "text": " Ask  not.",
    "language": "english",
    "words": [
        {"word": " Ask", "start": 0.1, "end": 0.2},
        {"word": "not.", "start": 0.2, "end": 0.4},
    ],
}


def hear(answer, clips=(CLIP,), **options):
    with chat_server(answer) as server:
        recogniser = EndpointRecogniser(server.url, retries=0, **options)
        return recogniser.transcribe(list(clips)), server.requests


def test_a_clip_goes_there_as_a_file_and_comes_back_as_words():
    (heard,), requests = hear(lambda _: Reply(body=REPLY), language="en")
    assert (heard.text, heard.language) == ("Ask not.", "english")
    assert heard.words[0] == Word(text="Ask", start_s=0.1, end_s=0.2)
    form = requests[-1]["body"]
    assert requests[-1]["path"] == "/v1/audio/transcriptions"
    assert (form["model"], form["language"]) == ("org/tiny-vl", "en")
    samples, rate = soundfile.read(io.BytesIO(form["file"]), dtype="float32")
    assert rate == 16000
    assert np.abs(samples - CLIP).max() < 1e-4


def test_an_answer_without_words_is_a_text():
    (heard,), _ = hear(lambda _: Reply(body={"text": "so"}))
    assert (heard.text, heard.words, heard.error) == ("so", (), "")


def test_silence_of_no_length_is_not_sent():
    (heard,), requests = hear(lambda _: Reply(body=REPLY), clips=[CLIP[:0]])
    assert (heard.text, len(requests)) == ("", 1)


@pytest.mark.parametrize(
    ("reply", "error", "final"),
    [
        (complaint(500, "busy"), "answered 500: busy", False),
        (complaint(404, "no such thing"), "answered 404", True),
        (Reply(body={"segments": []}), "no transcript", False),
        (
            Reply(body={"text": "a", "words": [{"word": "a", "start": None, "end": 1}]}),
            "no transcript",
            False,
        ),
    ],
)
def test_a_clip_that_fails_has_its_error(reply, error, final):
    (heard,), _ = hear(lambda _: reply)
    assert error in heard.error
    assert (heard.text, heard.final) == ("", final)


def test_the_key_is_sent_and_not_shown(monkeypatch):
    monkeypatch.setenv("SPEECH_KEY", "s3cret")
    (heard,), requests = hear(lambda _: complaint(400, "bad s3cret"), api_key_env="SPEECH_KEY")
    assert requests[-1]["headers"]["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in heard.error
