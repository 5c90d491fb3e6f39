"""A model behind an endpoint, with a real server on the loopback address."""

import base64
import io
import socket
import time
from typing import Any

import numpy as np
import pytest
from chat_server import Reply, chat_server, complaint, said, text_in
from PIL import Image

from curator_engine.errors import InputError, SettingsError
from curator_engine.models.endpoint import Endpoint, base_url
from curator_engine.models.questions import Answer, Frames, Question

KEY = "sk-secret-1234"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def ask(server, *prompts: str, **options) -> list[Answer]:
    chosen: dict[str, Any] = {"model": "tiny", "backoff_s": 0.01, **options}
    return Endpoint(url=server.url, **chosen).answer([Question(prompt=each) for each in prompts])


def in_turn(*replies: Reply):
    left = list(replies)
    return lambda body: left.pop(0) if len(left) > 1 else left[0]


def test_a_text_comes_back_stripped():
    with chat_server(lambda body: said("  a dog runs \n")) as server:
        assert ask(server, "What?") == [Answer(text="a dog runs")]


def test_answers_come_in_the_order_of_the_questions():
    def answer(body):
        reply = said(text_in(body).upper())
        reply.delay_s = 0.1 if text_in(body) == "a" else 0.0
        return reply

    with chat_server(answer) as server:
        assert [each.text for each in ask(server, "a", "b", "c")] == ["A", "B", "C"]


def test_pictures_go_as_jpeg_in_data_urls_before_the_text():
    pictures = np.full((2, 36, 64, 3), 200, np.uint8)
    question = Question(prompt="What?", frames=Frames(pictures=pictures, times=(0.0, 0.5)))
    with chat_server(lambda body: said("x")) as server:
        Endpoint(url=server.url, model="tiny").answer([question])
    *images, text = server.questions[0]["messages"][0]["content"]
    sizes = []
    for image in images:
        head, _, data = image["image_url"]["url"].partition(",")
        assert head == "data:image/jpeg;base64"
        sizes.append(Image.open(io.BytesIO(base64.b64decode(data))).size)
    assert sizes == [(64, 36), (64, 36)]
    assert "0.0, 0.5 seconds" in text["text"]
    assert text["text"].endswith("What?")


def test_the_only_model_that_is_served_is_used():
    with chat_server(lambda body: said("x")) as server:
        endpoint = Endpoint(url=server.url)
        endpoint.answer([Question(prompt="What?")])
    assert endpoint.name == "tiny-vl"
    assert server.questions[0]["model"] == "org/tiny-vl"


def test_several_models_ask_for_a_name():
    with (
        chat_server(lambda body: said("x"), models=("a", "b")) as server,
        pytest.raises(InputError, match="has 2 models, such as a, b; name one of them"),
    ):
        Endpoint(url=server.url)


def test_the_key_comes_from_the_environment_and_is_in_no_message(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    with chat_server(lambda body: complaint(401, f"wrong key {KEY}")) as server:
        (answer,) = ask(server, "What?", api_key_env="MY_KEY")
    assert server.requests[0]["headers"]["Authorization"] == f"Bearer {KEY}"
    assert answer.error.endswith("answered 401: wrong key ***")


@pytest.mark.parametrize("key", ["sk-se\ncret", "sk-sécret"])
def test_a_key_that_cannot_be_sent_is_refused_without_repeating_it(monkeypatch, key):
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(SettingsError, match=r"^the key in MY_KEY holds characters") as caught:
        Endpoint(url="http://127.0.0.1:9", model="tiny", api_key_env="MY_KEY")
    assert "cret" not in str(caught.value)


def test_a_missing_key_is_named_where_one_is_wanted(monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    with (
        chat_server(lambda body: said("x"), listed=complaint(401)) as server,
        pytest.raises(InputError, match=r"answered 401: no \(no key: MY_KEY is not set\); check"),
    ):
        Endpoint(url=server.url, api_key_env="MY_KEY")


def test_without_a_key_no_authorization_is_sent(monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    with chat_server(lambda body: said("x")) as server:
        ask(server, "What?", api_key_env="MY_KEY")
    assert "Authorization" not in server.requests[0]["headers"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_endpoint_is_asked_again(status):
    with chat_server(in_turn(complaint(status), complaint(status), said("at last"))) as server:
        assert ask(server, "What?") == [Answer(text="at last")]
    assert len(server.requests) == 3


def test_the_pause_that_is_asked_for_is_kept():
    with chat_server(in_turn(complaint(429, Retry_After="1"), said("x"))) as server:
        start = time.monotonic()
        ask(server, "What?")
    assert time.monotonic() - start >= 1


def test_the_attempts_are_counted():
    with chat_server(lambda body: complaint(503, "full")) as server:
        (answer,) = ask(server, "What?", retries=2)
    assert answer.error == f"{server.url} answered 503: full"
    assert len(server.requests) == 3


def test_a_bad_request_is_not_repeated_and_costs_one_answer():
    def answer(body):
        return complaint(400, "too long") if text_in(body) == "bad" else said("fine")

    with chat_server(answer) as server:
        bad, good = ask(server, "bad", "good")
    assert "answered 400: too long" in bad.error
    assert not bad.final
    assert good.text == "fine"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_every_question_would_meet_is_final(status):
    with chat_server(lambda body: complaint(status)) as server:
        assert ask(server, "What?")[0].final


def test_a_slow_answer_is_given_up_after_one_more_attempt():
    slow = said("x")
    slow.delay_s = 60
    with chat_server(lambda body: slow) as server:
        (answer,) = ask(server, "What?", timeout_s=2.0)
    assert answer.error == f"{server.url} did not answer in time"
    assert not answer.final
    assert len(server.requests) == 2


def test_an_answer_that_drips_is_given_up():
    with chat_server(lambda body: Reply(body=b"x" * 400, drip_s=0.01)) as server:
        (answer,) = ask(server, "What?", timeout_s=0.2, retries=0)
    assert answer.error == f"{server.url} did not answer in time"


def test_nobody_there_is_final():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        # Bound, it is nobody else's; nobody listens there.
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        endpoint = Endpoint(url=url, model="tiny", retries=1, backoff_s=0.01)
        (answer,) = endpoint.answer([Question(prompt="What?")])
    assert answer.error.startswith(f"{url} cannot be reached: ")
    assert answer.final


def test_nobody_there_is_an_input_error_where_the_model_is_asked_for():
    with pytest.raises(InputError, match=r"cannot be reached: .*; check the URL"):
        Endpoint(url="http://127.0.0.1:9/v1", retries=0)


def test_a_redirect_is_not_followed(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    with chat_server(lambda body: said("x")) as other:
        reply = Reply(status=302, headers={"Location": f"{other.url}/models"})
        with chat_server(lambda body: reply) as server:
            (answer,) = ask(server, "What?", api_key_env="MY_KEY")
    assert "302: a redirect, which is not followed" in answer.error
    assert other.requests == []


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[" * 100_000, b"[]", b"{}", {"choices": []}, {"choices": [{"message": 3}]}],
    ids=["nothing", "html", "deep", "a list", "empty", "no choices", "no message"],
)
def test_nonsense_is_an_error_and_no_crash(body):
    with chat_server(lambda _: Reply(body=body)) as server:
        (answer,) = ask(server, "What?")
    assert answer.error
    assert "\n" not in answer.error


def test_an_endless_answer_is_cut_off():
    with chat_server(lambda _: Reply(body=b" " * (9 << 20))) as server:
        (answer,) = ask(server, "What?", retries=0)
    assert "more than 8388608 bytes" in answer.error


def test_an_empty_text_is_an_error():
    with chat_server(lambda body: said("")) as server:
        assert ask(server, "What?")[0].error == "the model said nothing"


def test_a_text_in_parts_is_joined():
    parts = [{"type": "text", "text": "a "}, {"type": "text", "text": "dog"}]
    with chat_server(lambda body: said(parts)) as server:
        assert ask(server, "What?")[0].text == "a dog"


def test_an_endpoint_that_wants_other_options_gets_them():
    def answer(body):
        if "max_tokens" in body:
            return complaint(400, "Use 'max_completion_tokens' instead.")
        return complaint(400, "'temperature' is fixed") if "temperature" in body else said("x")

    with chat_server(answer) as server:
        assert [each.text for each in ask(server, "a", max_tokens=7)] == ["x"]
    assert server.questions[-1]["max_completion_tokens"] == 7


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://host:8000", "http://host:8000/v1"),
        ("https://host/v1/", "https://host/v1"),
        ("https://host/api/v3/chat/completions", "https://host/api/v3"),
    ],
)
def test_an_address_may_be_given_in_any_length(url, base):
    assert base_url(url) == base


@pytest.mark.parametrize(
    "url",
    [
        "https://me:pw@host/v1",
        "https://host/v1?key=pw",
        "https://host/v1#pw",
        "http://",
        "http://[x",
        "http://a..b",
    ],
)
def test_an_address_that_holds_a_secret_or_nothing_is_refused_without_repeating_it(url):
    with pytest.raises(SettingsError) as caught:
        base_url(url)
    assert "pw" not in str(caught.value)


def test_a_file_goes_as_a_field_of_a_form():
    with chat_server(
        lambda body: Reply(body={"got": len(body["file"]), **body, "file": ""})
    ) as server:
        reply = Endpoint(url=server.url).upload(
            "/audio/x", {"language": "en"}, file=b"\0\r\n--RIFF", name="a.wav"
        )
    assert reply == {"got": 9, "model": "org/tiny-vl", "language": "en", "file": ""}
