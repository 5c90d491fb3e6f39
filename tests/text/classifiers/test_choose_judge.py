"""Which judge a name and a model stand for, and which models stand for none."""

import json
from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_text.classifiers.choose_judge import make_judge


def test_a_model_of_nemo_curator_needs_its_name(classifiers):
    with pytest.raises(InputError, match="say which by --classifier"):
        make_judge(None, classifiers["labels"])


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    with pytest.raises(InputError, match="is no such model"):
        make_judge(None, str(tmp_path))


def test_a_changed_model_has_another_key(classifiers, tmp_path):
    folder = Path(tmp_path / "m")
    folder.mkdir()
    config = {"id2label": {"0": "a", "1": "b"}}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    first = make_judge(None, str(folder)).key
    (folder / "config.json").write_text(json.dumps(config | {"x": 1}), "utf-8")
    assert make_judge(None, str(folder)).key != first


@pytest.mark.parametrize(
    ("classifier", "name", "instead"),
    [
        ("domain", "score", "no --classifier"),
        ("quality", "prompt", "--classifier prompt-task-complexity"),
        ("prompt-task-complexity", "labels", "--classifier domain or"),
        ("fineweb-edu", "labels", "--classifier domain or"),
    ],
)
def test_a_model_of_another_kind_is_refused_before_anything_is_done(
    classifiers, classifier, name, instead
):
    with pytest.raises(InputError, match=f"is not one of --classifier {classifier}, .*{instead}"):
        make_judge(classifier, classifiers[name])


@pytest.mark.parametrize(
    ("classifier", "what"),
    [("aegis", "no adapter_config.json"), ("instruction-data-guard", "no model.safetensors")],
)
def test_a_folder_that_is_no_guard_is_refused(tmp_path, classifier, what):
    with pytest.raises(InputError, match=what):
        make_judge(classifier, str(tmp_path))
