"""Stages that ask about pictures, with a real server on the loopback address."""

import base64
import io
from dataclasses import dataclass

import pytest
from chat_server import chat_server, complaint, said
from image_drawings import photo
from PIL import Image

from curator_engine.errors import StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.models.endpoint import EndpointError
from curator_engine.models.llm_client import AsyncOpenAIClient
from curator_engine.pipeline import Pipeline
from curator_image.synthetic.ask_images import ModelProcessingStage, SkipSample
from curator_image.task import ImageSampleTask, ImageTaskData


@dataclass(kw_only=True)
class Described(ImageTaskData):
    caption: str = ""


class Describe(ModelProcessingStage[Described]):
    """As a user writes one."""

    def build_prompt(self, task):
        if task.data.image_id == "skip":
            raise SkipSample
        if task.data.image_id == "odd":
            raise KeyError("no colour")
        return f"What is {task.data.image_id}?"

    def handle_response(self, task, response):
        if response == "nonsense":
            raise ValueError("this is no caption")
        task.data.caption = response
        return task


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    photo().resize((64, 48)).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def tasks(path, *ids):
    return [ImageSampleTask(data=Described(image_path=path, image_id=each)) for each in ids]


def stage_for(server, **options):
    client = AsyncOpenAIClient(base_url=server.url, api_key="k", max_retries=0)
    return Describe(client=client, model_name="tiny", **options)


def answer(body):
    asked = body["messages"][0]["content"][-1]["text"]
    if "refused" in asked:
        return complaint(400, "too long")
    return said("nonsense" if "nonsense" in asked else f"answer to {asked}")


def run(server, given, **options):
    pipeline = Pipeline("ask", stages=[stage_for(server, **options)])
    return [each.data for each in pipeline.run(LocalExecutor(), initial_tasks=given)]


def test_each_picture_is_asked_about(path):
    with chat_server(answer) as server:
        found = run(server, tasks(path, "a", "b"), max_tokens=50)
    assert [each.caption for each in found] == ["answer to What is a?", "answer to What is b?"]
    body = server.questions[0]
    assert (body["model"], body["max_tokens"], body["top_p"]) == ("tiny", 50, 1.0)
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        assert image.size == (64, 48)


def test_what_fails_on_a_sample_is_its_reason_and_hinders_no_other(path):
    given = tasks(path, "a", "skip", "odd", "nonsense", "refused")
    given += tasks(path.with_name("gone.png"), "gone")
    given[0].data.is_valid, given[0].data.error = False, "earlier: failed"
    with chat_server(answer) as server:
        found = run(server, given)
    assert [each.is_valid for each in found] == [False, True, False, False, False, False]
    reasons = [each.error or "" for each in found]
    assert reasons[:2] == ["earlier: failed", ""]
    assert reasons[2] == "describe: 'no colour'"
    assert reasons[3] == "describe: this is no caption"
    assert "answered 400: too long" in reasons[4]
    assert "gone.png" in reasons[5]
    assert len(server.questions) == 2


def test_a_picture_that_is_large_is_made_smaller(path):
    with chat_server(answer) as server:
        run(server, tasks(path, "a"), max_side=32)
    url = server.questions[0]["messages"][0]["content"][0]["image_url"]["url"]
    with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as image:
        assert image.size == (32, 24)


def test_a_stage_may_ask_without_the_picture(path):
    class Plain(Describe):
        multimodal = False

    with chat_server(answer) as server:
        client = AsyncOpenAIClient(base_url=server.url, api_key="k")
        stage = Plain(client=client, model_name="tiny")
        stage.setup()
        (task,) = tasks(path.with_name("gone.png"), "a")
        assert stage.process(task).data.caption == "answer to What is a?"
    assert len(server.questions[0]["messages"][0]["content"]) == 1


def test_a_wrong_key_ends_the_run_instead_of_making_all_samples_invalid(path):
    with chat_server(lambda body: complaint(401, "bad key")) as server:
        stage = stage_for(server)
        stage.setup()
        with pytest.raises(EndpointError, match="answered 401"):
            stage.process_batch(tasks(path, "a"))
        with pytest.raises(StageError, match="answered 401"):
            run(server, tasks(path, "a"))
