"""Models named as NeMo Data Designer names them are asked by our own client."""

import pickle
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from chat_server import chat_server, question_in, said

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.synthetic.data_designer import (
    DataDesignerStage,
    NDDBaseSyntheticStage,
    NDDDistillStage,
    NDDDiverseQAStage,
    NDDExtractKnowledgeStage,
    NDDKnowledgeListStage,
    NDDWikipediaParaphrasingStage,
)
from curator_text.task import DocumentBatch

STAGES: dict[Any, str] = {
    NDDWikipediaParaphrasingStage: "rephrased",
    NDDDiverseQAStage: "diverse_qa",
    NDDDistillStage: "distill",
    NDDExtractKnowledgeStage: "extract_knowledge",
    NDDKnowledgeListStage: "knowledge_list",
}
MODEL: dict[str, Any] = {"alias": "small", "model": "org/small", "provider": "mine"}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", "of-another-provider")


@pytest.mark.parametrize("stage_class", STAGES)
def test_each_task_is_asked_about_each_text(stage_class, monkeypatch):
    monkeypatch.setenv("MY_KEY", "mine-alone")
    batch = DocumentBatch(data=pa.table({"text": ["a", "b", None], "n": [1, 2, 3]}))
    with chat_server(lambda body: said(question_in(body)[-1].upper())) as server:
        provider = {"name": "mine", "endpoint": server.url, "api_key": "MY_KEY"}
        parameters = {"temperature": 0.5, "max_tokens": 7, "extra_body": {"top_k": 3}}
        stage = stage_class(
            model_configs=[MODEL | {"inference_parameters": parameters}, {"alias": "other"}],
            model_alias="small",
            model_providers=[provider],
        )
        [found] = Pipeline("n", stages=[stage]).run(LocalExecutor(), [batch])
        [first, _] = server.questions
        assert server.requests[0]["headers"]["Authorization"] == "Bearer mine-alone"
    answers = found.data[STAGES[stage_class]].to_pylist()
    assert answers == ["A", "B", None]
    assert found.data["n"].to_pylist() == [1, 2, 3]
    assert first["model"] == "org/small"
    asked = {name: first.get(name) for name in ("temperature", "max_tokens", "top_k", "seed")}
    assert asked == {"temperature": 0.5, "max_tokens": 7, "top_k": 3, "seed": None}


class Shout(NDDBaseSyntheticStage):
    """A stage of a user's own."""

    def _process_llm_prompt(self, sample):
        return f"{sample['title']}: {sample['text']}"

    def _process_llm_response(self, response):
        return response[0] + "!"


def test_settings_may_be_objects_and_keys_are_not_shown():
    batch = DocumentBatch(data=pa.table({"title": ["t"], "text": ["a"]}))
    with chat_server(lambda body: said(question_in(body))) as server:
        stage = Shout(
            prompt="{document}",
            input_field="text",
            output_field="out",
            model_configs=[SimpleNamespace(**MODEL, inference_parameters=SimpleNamespace(top_p=1))],
            model_providers=[
                SimpleNamespace(name="mine", endpoint=server.url, api_key="sk-secret-of-mine")
            ],
        )
        assert "sk-secret" not in repr(stage)
        stage = pickle.loads(pickle.dumps(stage))
        stage.setup()
        assert stage.process(batch).data["out"].to_pylist() == ["t: a!"]
        assert server.requests[0]["headers"]["Authorization"] == "Bearer sk-secret-of-mine"


def test_no_key_of_another_provider_is_sent():
    batch = DocumentBatch(data=pa.table({"text": ["a"]}))
    with chat_server(lambda body: said("x")) as server:
        provider = {"name": "mine", "endpoint": server.url}
        stage = NDDDistillStage(model_configs=[MODEL], model_providers=[provider])
        stage.setup()
        stage.process(batch)
        assert "Authorization" not in server.requests[0]["headers"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "there are none"),
        ({"model_configs": [MODEL, MODEL | {"alias": "b"}]}, "there are small, b"),
        ({"model_configs": [MODEL]}, "no provider 'mine'"),
        (
            {"model_configs": [MODEL], "model_providers": [{"name": "mine", "endpoint": ""}]},
            "no endpoint of OpenAI's kind",
        ),
        (
            {
                "model_configs": [
                    MODEL | {"provider": "nvidia", "inference_parameters": {"top_p": "low"}}
                ]
            },
            "top_p is no number",
        ),
        ({"config_builder": 1, "data_designer_config_file": "x"}, "not both"),
    ],
)
def test_what_does_not_fit_is_said(options, message):
    with pytest.raises(SettingsError, match=message):
        NDDDistillStage(**options)


def test_a_known_provider_needs_no_address():
    stage = NDDDistillStage(model_configs=[MODEL | {"provider": "nvidia"}])
    assert stage.model_name == "org/small"


@pytest.mark.parametrize("stage_class", [DataDesignerStage, NDDDistillStage])
def test_a_configuration_says_which_package_it_needs(stage_class):
    stage = stage_class(data_designer_config_file="x.yaml")
    assert stage.inputs()[0] == ["data"]
    with pytest.raises(ResourceError, match="install it, or give prompt"):
        stage.setup()


def test_a_configuration_must_be_given():
    with pytest.raises(SettingsError, match="needs either config_builder"):
        DataDesignerStage()
