"""Vectors of texts from a server that fails as servers do: each text is paid for once."""

from collections import Counter

import numpy as np
import pytest
from chat_server import Reply as Sent
from chat_server import chat_server, complaint, embedded, vector_for

from curator_engine.models.asker import Asking
from curator_engine.models.embedding_asker import (
    EmbeddingAsker,
    TextToEmbed,
    vector_in,
    vectors_in,
)
from curator_engine.models.endpoint import EndpointError
from curator_engine.models.token_budget import SpentBudgetError

TEXTS = [TextToEmbed(text=f"text {n}") for n in range(7)]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def ask(server, folder, texts=TEXTS, **options):
    asking = Asking(
        url=server.url, model="tiny", journal=str(folder), batch_size=3, backoff_s=0.01, **options
    )
    asker = asking.open(EmbeddingAsker)
    try:
        return asker.ask_all(texts)
    finally:
        asker.journal.close()


def texts_sent(server) -> Counter[str]:
    return Counter(text for each in server.requests for text in each["body"]["input"])


def test_each_text_has_its_vector_in_order_and_is_paid_for_once(tmp_path):
    with chat_server(embedded) as server:
        replies = ask(server, tmp_path, [*TEXTS, *TEXTS])
        again = ask(server, tmp_path)
    wanted = [vector_for(each.text) for each in TEXTS]
    assert np.array_equal([vector_in(each) for each in replies], [*wanted, *wanted])
    assert [each.text for each in again] == [each.text for each in replies[:7]]
    assert texts_sent(server) == Counter(each.text for each in TEXTS)
    assert Counter(len(each["body"]["input"]) for each in server.requests) == {3: 2, 1: 1}
    assert sum(each.usage.tokens_in for each in again) == 4 * len(TEXTS)


def test_a_text_that_is_refused_does_not_take_those_of_its_request_with_it(tmp_path):
    def answer(body):
        return complaint(400, "too long") if "text 1" in body["input"] else embedded(body)

    with chat_server(answer) as server:
        replies = ask(server, tmp_path)
    assert [each.text == "" for each in replies] == [n == 1 for n in range(7)]
    assert "answered 400: too long" in replies[1].error


def test_servers_that_are_busy_or_cut_their_answers(tmp_path):
    met = Counter[str]()

    def answer(body):
        met[body["input"][0]] += 1
        first = met[body["input"][0]] == 1
        if first and body["input"][0] == "text 0":
            return complaint(429, Retry_After="0")
        return Sent(body=b'{"da') if first and body["input"][0] == "text 3" else embedded(body)

    with chat_server(answer) as server:
        replies = ask(server, tmp_path, retries=2)
    assert [bool(each.error) for each in replies] == [*[False] * 3, *[True] * 3, False]


def test_the_budget_is_kept(tmp_path):
    with chat_server(embedded) as server, pytest.raises(SpentBudgetError, match="larger budget"):
        ask(server, tmp_path, budget_tokens=40, concurrency=1)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"data": [{"embedding": [1.0]}]},
        {"data": [{"embedding": [1.0]}, {"embedding": "AAAA"}]},
        {"data": [{"embedding": [1.0]}, {"embedding": []}]},
        {"data": [{"embedding": [1.0], "index": 0}, {"embedding": [2.0], "index": 0}]},
        {"data": [{"embedding": [float("nan")]}, {"embedding": [1.0]}]},
        {"data": ["no", "objects"]},
    ],
)
def test_answers_that_are_no_vectors(said):
    with pytest.raises(EndpointError, match="the endpoint's answer"):
        vectors_in(said, 2)


def test_vectors_may_come_in_any_order():
    data = [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}]
    assert [each.tolist() for each in vectors_in({"data": data}, 2)] == [[1.0], [2.0]]
