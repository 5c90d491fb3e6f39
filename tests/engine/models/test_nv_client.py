"""NVIDIA's client, with a real server on the loopback address."""

import asyncio
import json
import pickle

import pytest
from chat_server import Reply, chat_server, said

from curator_engine.errors import SettingsError
from curator_engine.models.endpoint import EndpointError
from curator_engine.models.nv_client import NVInferenceClient

ASKED = [{"role": "user", "content": "What?"}]


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("NVINFERENCE_API_KEY", raising=False)


def streamed(*texts, end="data: [DONE]\n\n"):
    """An answer as a model that thinks sends it."""
    thought = [{"choices": [{"delta": {"reasoning_content": "let me see"}}]}]
    pieces = [*thought, *({"choices": [{"delta": {"content": text}}]} for text in texts)]
    body = "".join(f"data: {json.dumps(each)}\n\n" for each in pieces) + end
    return Reply(body=body.encode(), headers={"Content-Type": "text/event-stream"})


def ask(client, **config):
    client.setup()
    return asyncio.run(
        client.query_model(messages=ASKED, model="nvidia/omni", generation_config=config)
    )


def test_only_the_answer_is_kept(monkeypatch):
    monkeypatch.setenv("NVINFERENCE_API_KEY", "nvapi-secret")
    with chat_server(lambda body: streamed("a ", "dog")) as server:
        client = NVInferenceClient(base_url=server.url, priority_mode=True)
        assert ask(pickle.loads(pickle.dumps(client)), max_tokens=7) == ["a dog"]
    body, headers = server.questions[0], server.requests[0]["headers"]
    options = {"max_tokens": 7, "stream": True, "temperature": 0.0, "top_p": 0.95}
    assert body == {"model": "nvidia/omni", "messages": ASKED, **options}
    assert headers["Authorization"] == "Bearer nvapi-secret"
    assert headers["X-Vertex-Ai-Llm-Shared-Request-Type"] == "priority"


def test_a_server_that_answers_whole_does_as_well():
    with chat_server(lambda body: said("a dog")) as server:
        assert ask(NVInferenceClient(base_url=server.url)) == ["a dog"]
    assert "Authorization" not in server.requests[0]["headers"]


def test_an_answer_that_breaks_off_is_an_error_with_its_reason():
    with (
        chat_server(lambda body: streamed("a ", end="")) as server,
        pytest.raises(EndpointError, match="answered 200: an answer that broke off"),
    ):
        ask(NVInferenceClient(base_url=server.url))


def test_nvidia_s_own_address_needs_a_key():
    with pytest.raises(SettingsError, match="environment variable NVINFERENCE_API_KEY"):
        NVInferenceClient().setup()
