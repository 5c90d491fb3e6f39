"""Questions that are asked together, of clients of one's own; over a socket, `test_llm_client.py` shows them."""

import asyncio

import pytest

from curator_engine.models.ask_together import ask_all, ask_each, first_answers
from curator_engine.models.llm_client import AsyncLLMClient, LLMClient


def said(messages):
    if messages[0]["content"] == "bad":
        raise ValueError("no answer")
    return [messages[0]["content"].upper()]


class Several(AsyncLLMClient):
    def setup(self):
        pass

    async def _query_model_impl(self, *, messages, **_):
        return said(messages)


class OneByOne(LLMClient):
    def setup(self):
        pass

    def query_model(self, *, messages, **_):
        return said(messages)


def questions(*texts):
    return [[{"role": "user", "content": text}] for text in texts]


@pytest.mark.parametrize("kind", [Several, OneByOne])
def test_answers_come_in_order_and_a_failure_hinders_no_other(kind):
    found = ask_each(kind(), questions("a", "bad", "b"), model="m", config=None)
    assert (found[0], str(found[1]), found[2]) == (["A"], "no answer", ["B"])
    with pytest.raises(ValueError, match="no answer"):
        ask_all(kind(), questions("a", "bad"), model="m", config=None)


def test_a_thread_with_an_event_loop_may_ask():
    async def ask():
        return ask_all(Several(), questions("a"), model="m", config=None)

    assert asyncio.run(ask()) == [["A"]]


@pytest.mark.parametrize("kind", [Several, OneByOne])
def test_the_first_answers_are_texts(kind):
    assert first_answers(kind(), questions("a", "b"), model="m", config=None) == ["A", "B"]
    assert first_answers(kind(), [], model="m", config=None) == []
    assert first_answers(None, questions("a"), model="m", config=None) == []
