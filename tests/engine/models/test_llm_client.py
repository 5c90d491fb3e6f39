"""Clients of language models, with a real server on the loopback address."""

import asyncio
import pickle
import threading

import pytest
from chat_server import Reply, chat_server, complaint, said

from curator_engine.errors import SettingsError
from curator_engine.models.endpoint import EndpointError
from curator_engine.models.llm_client import (
    AsyncLLMClient,
    AsyncOpenAIClient,
    GenerationConfig,
    OpenAIClient,
)

KEY = "sk-secret-1234"
ASKED = [{"role": "user", "content": "What?"}]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def client_of(server, **kwargs):
    client = OpenAIClient(base_url=server.url, api_key=KEY, **kwargs)
    client.setup()
    return client


def test_an_answer_and_what_was_asked():
    with chat_server(lambda body: said("a dog")) as server:
        answers = client_of(server).query_model(messages=ASKED, model="tiny")
    assert answers == ["a dog"]
    body = server.questions[0]
    expected = {"model": "tiny", "messages": ASKED, "n": 1, "seed": 0, "max_tokens": 2048}
    assert body == {**expected, "temperature": 0.0, "top_p": 0.95}
    assert server.requests[0]["headers"]["Authorization"] == f"Bearer {KEY}"


def test_several_answers_come_in_order():
    choices = [{"message": {"content": text}} for text in ("a", None, "b")]
    with chat_server(lambda body: Reply(body={"choices": choices})) as server:
        config = GenerationConfig(
            n=3, seed=None, top_p=None, extra_kwargs={"extra_body": {"top_k": 5}}
        )
        answers = client_of(server).query_model(messages=ASKED, model="m", generation_config=config)
    assert answers == ["a", "", "b"]
    assert server.questions[0] == {
        "model": "m",
        "messages": ASKED,
        "n": 3,
        "max_tokens": 2048,
        "temperature": 0.0,
        "top_k": 5,
    }


def test_a_config_may_be_a_dict():
    with chat_server(lambda body: said("x")) as server:
        client_of(server).query_model(
            messages=iter(ASKED), model="m", generation_config={"max_tokens": 7}
        )
    assert server.questions[0]["max_tokens"] == 7


def test_an_option_that_the_server_does_not_take_is_asked_for_otherwise():
    def answer(body):
        return (
            said("x")
            if "max_completion_tokens" in body
            else complaint(400, "use max_completion_tokens")
        )

    with chat_server(answer) as server:
        assert client_of(server).query_model(messages=ASKED, model="m") == ["x"]


def test_an_error_never_has_the_key():
    with (
        chat_server(lambda body: complaint(401, f"bad key {KEY}")) as server,
        pytest.raises(EndpointError, match="answered 401") as caught,
    ):
        client_of(server).query_model(messages=ASKED, model="m")
    assert KEY not in str(caught.value)


def test_a_client_travels_to_workers_and_is_set_up_there():
    with chat_server(lambda body: said("x")) as server:
        twin = pickle.loads(pickle.dumps(client_of(server)))
        twin.setup()
        assert twin.query_model(messages=ASKED, model="m") == ["x"]


def test_a_key_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with chat_server(lambda body: said("x")) as server:
        client = OpenAIClient(base_url=server.url)
        client.setup()
        client.query_model(messages=ASKED, model="m")
    assert server.requests[0]["headers"]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: OpenAIClient(organization="x"), "organization is not offered by this client"),
        (lambda: OpenAIClient().query_model(messages=ASKED, model="m"), "call setup"),
    ],
)
def test_what_cannot_be_done_is_said(run, words):
    with pytest.raises(SettingsError, match=words):
        run()


def test_questions_are_asked_at_the_same_time_up_to_a_limit():
    most, now, lock, pair = [0], [0], threading.Lock(), threading.Barrier(2)

    def answer(body):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        # Broken if the second one does not come.
        pair.wait(120)
        with lock:
            now[0] -= 1
        return said("x")

    async def ask(client):
        return await asyncio.gather(
            *(client.query_model(messages=ASKED, model="m") for _ in range(6))
        )

    with chat_server(answer) as server:
        client = AsyncOpenAIClient(max_concurrent_requests=2, base_url=server.url, api_key="k")
        client.setup()
        assert asyncio.run(ask(client)) == [["x"]] * 6
        assert asyncio.run(ask(client)) == [["x"]] * 6
    assert (len(server.questions), most) == (12, [2])


def test_a_busy_server_is_asked_again():
    replies = [complaint(429), complaint(503), said("x")]
    with chat_server(lambda body: replies.pop(0)) as server:
        client = AsyncOpenAIClient(base_delay=0.01, base_url=server.url, api_key="k")
        client.setup()
        assert asyncio.run(client.query_model(messages=ASKED, model="m")) == ["x"]


class Own(AsyncLLMClient):
    """A user's client, which fails as it is told."""

    def __init__(self, *errors, **options):
        super().__init__(base_delay=0.0, **options)
        self.errors = list(errors)
        self.asked = 0

    def setup(self):
        pass

    async def _query_model_impl(self, *, generation_config, **_):
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return [str(generation_config.max_tokens)]


class StatusError(Exception):
    def __init__(self, code):
        self.status_code = code


@pytest.mark.parametrize(
    "error", [ConnectionError(), TimeoutError(), StatusError(429), StatusError(500)]
)
def test_a_users_own_client_gets_further_attempts_for_what_may_pass(error):
    client = Own(error, error)
    assert asyncio.run(client.query_model(messages=ASKED, model="m")) == ["2048"]
    assert client.asked == 3


@pytest.mark.parametrize("error", [ValueError(), StatusError(400)])
def test_what_will_not_pass_is_raised_at_once(error):
    client = Own(error)
    with pytest.raises(type(error)):
        asyncio.run(client.query_model(messages=ASKED, model="m"))
    assert client.asked == 1


def test_the_last_attempts_error_is_raised():
    client = Own(*[ConnectionError(str(n)) for n in range(5)], max_retries=2)
    with pytest.raises(ConnectionError, match="2"):
        asyncio.run(client.query_model(messages=ASKED, model="m"))
