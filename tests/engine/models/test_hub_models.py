"""Models that can be had, and models that cannot, without a network."""

import json

import pytest

from curator_engine.errors import InputError
from curator_engine.models.hub_models import look_for_model

constants = pytest.importorskip("huggingface_hub.constants")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def test_a_folder_is_not_looked_for_elsewhere(tmp_path):
    look_for_model(str(tmp_path))


def test_a_model_that_was_fetched_before_is_known(tmp_path):
    kept = tmp_path / "cache/models--org--name"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs/main").write_text("0123", encoding="utf-8")
    (kept / "snapshots/0123").mkdir(parents=True)
    (kept / "snapshots/0123/config.json").write_text(json.dumps({}), encoding="utf-8")
    look_for_model("org/name")


def test_a_model_that_is_nowhere_is_refused_in_one_line():
    with pytest.raises(InputError, match=r"'org/name' is not here .* then name that folder\.$"):
        look_for_model("org/name")


def test_a_name_that_is_no_model_s_is_refused():
    with pytest.raises(InputError, match="neither a folder nor a hub id; check --model"):
        look_for_model("nothing")
