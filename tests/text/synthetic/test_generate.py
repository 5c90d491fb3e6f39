"""A model is asked about each document."""

import asyncio
from importlib import import_module
from typing import Any

import pyarrow as pa
import pytest
from chat_server import chat_server, said

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.models.llm_client import AsyncOpenAIClient, OpenAIClient
from curator_engine.pipeline import Pipeline
from curator_engine.task import EmptyTask
from curator_text.task import DocumentBatch

generate: Any = import_module("curator_text.synthetic.generate")
CLIENTS = pytest.mark.parametrize("kind", [OpenAIClient, AsyncOpenAIClient])


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def echo(body):
    """The last message in capitals."""
    return said(body["messages"][-1]["content"].upper())


def batch(*texts):
    return DocumentBatch(
        data=pa.table({"text": pa.array(texts, pa.string()), "answer": ["old"] * len(texts)})
    )


def stage_for(client, **options):
    settings = {"prompt": "About {document}?", "input_field": "text", "output_field": "answer"}
    return generate.BaseSyntheticStage(**settings, client=client, model_name="tiny", **options)


@CLIENTS
def test_answers_become_a_column_and_missing_texts_are_not_asked_about(kind):
    with chat_server(echo) as server:
        stage = stage_for(kind(base_url=server.url, api_key="k"), system_prompt="Be short.")
        (made,) = Pipeline("p", stages=[stage]).run(
            LocalExecutor(), initial_tasks=[batch("a {b}", None, "", "c")]
        )
    assert made.data.column("answer").to_pylist() == ["ABOUT A {B}?", None, None, "ABOUT C?"]
    assert made.data.column_names == ["text", "answer"]
    assert server.questions[0]["messages"][0]["content"] == "Be short."


def test_where_an_event_loop_runs_it_is_asked_as_well():
    async def inside(stage):
        return stage.process(batch("x"))

    with chat_server(echo) as server:
        stage = stage_for(AsyncOpenAIClient(base_url=server.url, api_key="k"))
        stage.setup()
        made = asyncio.run(inside(stage))
    assert made.data.column("answer").to_pylist() == ["ABOUT X?"]


def test_a_subclass_writes_its_questions_and_reads_the_answers():
    class Lengths(generate.BaseSyntheticStage):
        def _process_llm_prompt(self, sample):
            return sample["text"] * 2

        def _process_llm_response(self, response):
            return str(len(response[0]))

    with chat_server(echo) as server:
        client = OpenAIClient(base_url=server.url, api_key="k")
        settings = {"prompt": "-", "input_field": "text", "output_field": "n", "model_name": "m"}
        stage = Lengths(client=client, **settings)
        stage.setup()
        assert stage.process(batch("ab")).data.column("n").to_pylist() == ["4"]


def test_what_is_missing_is_named():
    with pytest.raises(SettingsError, match="needs output_field, client, model_name"):
        generate.BaseSyntheticStage(prompt="p", input_field="text")


@CLIENTS
def test_texts_in_languages_are_the_same_in_each_run(kind):
    with chat_server(lambda body: said(f"**{body['messages'][0]['content']}**")) as server:
        client = kind(base_url=server.url, api_key="k")
        stage = generate.QAMultilingualSyntheticStage(
            "In {language}.", ["Czech", "Welsh"], client, "m", 8
        )
        stage.setup()
        texts = [stage.process(EmptyTask()).data.column("text").to_pylist() for _ in range(2)]
    assert texts[0] == texts[1]
    assert set(texts[0]) == {"In Czech.", "In Welsh."}


def test_texts_that_begin_otherwise_go():
    rule = generate.LanguageFilter(["[EN]", "[FR]"])
    assert [rule.keep_document(rule.score_document(t)) for t in ("[FR] oui", "non [FR]")] == [
        True,
        False,
    ]
