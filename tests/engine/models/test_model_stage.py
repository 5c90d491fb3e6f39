"""Which model is meant by a name, and what its stage needs."""

import importlib.machinery
import importlib.util
from typing import Any

import cloudpickle
import pytest
from chat_server import chat_server, said

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.models.model_stage import check_model_name
from curator_engine.resources import Resources
from curator_video.captions.caption_clips import CaptionClips

URL = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize("name", ["http://host/v1", "HTTPS://host", "Qwen/Qwen2.5-VL-7B-Instruct"])
def test_a_url_or_a_hub_id_is_a_model(name):
    check_model_name(name)


def test_a_folder_is_a_model(tmp_path):
    check_model_name(str(tmp_path))


@pytest.mark.parametrize(
    "name", ["", "qwen", "./gone", "a/b/c", "/no/such", "../gone", "ftp://host/x"]
)
def test_anything_else_is_refused(name):
    with pytest.raises(InputError, match="neither a folder, a hub id nor a URL"):
        check_model_name(name)


def test_a_backend_must_fit_the_name():
    with pytest.raises(SettingsError, match="is a URL, which backend='vllm' cannot run"):
        CaptionClips(model=URL, backend="vllm")
    with pytest.raises(SettingsError, match="is no URL"):
        CaptionClips(model="org/name", backend="endpoint")


@pytest.mark.parametrize("name", ["batch", "max_tokens", "timeout_s"])
def test_a_number_out_of_range_is_refused(name):
    none: dict[str, Any] = {name: 0}
    with pytest.raises(SettingsError, match=f"{name}=0 is not above 0"):
        CaptionClips(model=URL, **none)


def test_a_model_on_the_cpu_has_one_worker():
    stage = CaptionClips(model="org/name", device="cpu")
    assert (stage.num_workers(), stage.resources) == (1, Resources(cpus=1.0))


def test_a_model_on_a_gpu_has_a_gpu_per_worker():
    stage = CaptionClips(model="org/name", device="gpu")
    assert (stage.num_workers(), stage.resources) == (None, Resources(cpus=1.0, gpus=1.0))


def test_an_endpoint_needs_no_gpu_and_any_number_of_workers_may_ask_it():
    stage = CaptionClips(model=URL, device="gpu")
    assert (stage.num_workers(), stage.resources) == (None, Resources(cpus=1.0))


def test_a_stage_does_not_carry_the_key(monkeypatch):
    monkeypatch.setenv("CURATOR_API_KEY", "sk-secret-1234")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with chat_server(lambda body: said("x")) as server:
        stage = CaptionClips(model=server.url)
        stage.check()
        assert "sk-secret" not in repr(stage)
        assert b"sk-secret" not in cloudpickle.dumps(stage)
    assert server.requests[0]["headers"]["Authorization"] == "Bearer sk-secret-1234"


def test_an_endpoint_that_is_not_there_is_noticed_before_any_work(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(InputError, match="cannot be reached"):
        CaptionClips(model=URL).check()


def test_a_missing_package_is_noticed_before_any_work(monkeypatch):
    find = importlib.util.find_spec

    def without(name: str) -> importlib.machinery.ModuleSpec | None:
        return None if name == "vllm" else find(name)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(ResourceError, match="needs vllm; install it"):
        CaptionClips(model="org/name", backend="vllm").check()
