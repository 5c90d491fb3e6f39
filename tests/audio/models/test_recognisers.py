import json
import shutil

import pytest
from chat_server import Reply, chat_server
from huggingface_hub import constants
from speech_models import write_ctc, write_whisper

from curator_audio.models.recognisers import (
    backend_of,
    check_recogniser,
    open_recogniser,
    try_recogniser,
)
from curator_engine.errors import InputError, SettingsError


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("draft", "draft"),
        ("http://localhost:1/v1", "endpoint"),
        ("Systran/faster-whisper-small", "faster-whisper"),
        ("openai/whisper-large-v3", "whisper"),
        ("facebook/wav2vec2-base-960h", "ctc"),
    ],
)
def test_a_name_says_what_runs_it(model, kind):
    assert backend_of(model) == kind
    check_recogniser(model)


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [
        ("model.bin", "", "faster-whisper"),
        ("config.json", json.dumps({"model_type": "whisper"}), "whisper"),
        ("config.json", json.dumps({"model_type": "hubert"}), "ctc"),
    ],
)
def test_a_folder_says_it_by_its_files(tmp_path, file, content, kind):
    (tmp_path / file).write_text(content)
    assert backend_of(str(tmp_path)) == kind


def test_a_backend_may_be_named():
    assert backend_of("me/model", "faster-whisper") == "faster-whisper"
    with pytest.raises(SettingsError, match="use auto"):
        backend_of("http://localhost:1", "whisper")
    with pytest.raises(SettingsError, match="use auto"):
        backend_of("me/model", "endpoint")


@pytest.mark.parametrize("content", [None, "no json", "[]", "{}"])
def test_a_folder_without_a_model_is_an_input_error(tmp_path, content):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError, match="holds no recogniser"):
        check_recogniser(str(tmp_path))


def test_a_name_that_means_nothing_is_an_input_error():
    with pytest.raises(InputError, match="neither 'draft', a folder"):
        check_recogniser("not there")


def test_the_draft_knows_english_only():
    with pytest.raises(SettingsError, match="knows English only, not 'de'"):
        open_recogniser("draft", language="de")


def test_what_is_named_is_opened(tmp_path):
    assert open_recogniser(write_ctc(tmp_path / "tiny"), device="cpu").name == "tiny"
    with chat_server(lambda _: Reply(body={"text": "so"})) as server:
        assert open_recogniser(server.url, timeout_s=5.0).name == "tiny-vl"


def test_a_recogniser_that_cannot_align_is_told_before_any_work():
    with pytest.raises(SettingsError, match="--align cannot be done by 'http://localhost:1/v1'"):
        check_recogniser("http://localhost:1/v1", align=True)


def test_a_model_on_the_hub_that_cannot_be_asked_is_told_before_any_work(monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="is not here and cannot be fetched"):
        try_recogniser("openai/whisper-small")


def test_what_cannot_be_opened_is_told_before_any_work(tmp_path):
    whisper, ctc = write_whisper(tmp_path / "whisper"), write_ctc(tmp_path / "ctc")
    try_recogniser(whisper, language="de")
    with pytest.raises(InputError, match="does not know the language 'fr'"):
        try_recogniser(whisper, language="fr")
    with pytest.raises(SettingsError, match="knows English only"):
        try_recogniser("draft", language="de")
    with pytest.raises(InputError, match="cannot be reached"):
        try_recogniser("http://localhost:1/v1")
    shutil.copy(f"{ctc}/model.safetensors", f"{whisper}/model.safetensors")
    with pytest.raises(InputError, match=r"lacks weights of Whisper.*another model"):
        try_recogniser(whisper)
    (tmp_path / "whisper/model.bin").write_bytes(b"none")
    with pytest.raises(InputError, match="cannot be loaded"):
        try_recogniser(whisper)
