"""Which judge a name and a model stand for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError, SettingsError
from curator_text.classifiers.guard_judges import AegisJudge, PoisonJudge
from curator_text.classifiers.judges import FastTextJudge, Judge, LinearJudge, NetworkJudge
from curator_text.classifiers.kinds import GUARDS, KINDS, OTHER, Kind
from curator_text.classifiers.safety_prompt import prompt_template
from curator_text.models.classifier_files import folder_of, read_config
from curator_text.models.linear_model import is_linear_model

_FASTTEXT = (".bin", ".ftz")


def make_judge(classifier: str | None, model: str | None, prompt_file: str | None = None) -> Judge:
    """The judge that a name, a model, or both stand for; not yet open.

    Raises:
        InputError: There is no such model, or it cannot be fetched.
        SettingsError: Neither is given.
    """
    if classifier == "aegis":
        prompt_template(prompt_file)
        _check_guard(model, "adapter_config.json", "an adapter")
        return AegisJudge(model=model or GUARDS[classifier], prompt_file=prompt_file)
    if classifier == "instruction-data-guard":
        _check_guard(model, "model.safetensors", "a head")
        return PoisonJudge(model=model or GUARDS[classifier])
    if classifier is not None:
        kind = KINDS[classifier]
        name = model or kind.model
        _check_network(classifier, kind, name, read_config(folder_of(name)))
        return NetworkJudge(kind=kind, model=name)
    if model is None:
        raise SettingsError("no classifier; give the name of one, or a model.")
    if Path(model).suffix in _FASTTEXT and Path(model).is_file():
        return FastTextJudge(path=model)
    if is_linear_model(model):
        return LinearJudge(path=model)
    config = read_config(folder_of(model))
    if "base_model" in config:
        raise InputError(
            f"the model {model!r} is one of NeMo Curator's classifiers; say which by --classifier: {', '.join(KINDS)}."
        )
    return NetworkJudge(kind=_other(config), model=model)


def _check_guard(model: str | None, file: str, what: str) -> None:
    """Look whether a folder holds what a guard is made of, before anything is written.

    Raises:
        InputError: It does not.
    """
    if model is not None and Path(model).is_dir() and not (Path(model) / file).is_file():
        raise InputError(
            f"{model} has no {file}, so it is not {what} of this guard; check --model."
        )


def _check_network(classifier: str, kind: Kind, model: str, config: dict[str, Any]) -> None:
    """Look whether a configuration is of this kind of classifier, before anything is written.

    Raises:
        InputError: It is not.
    """
    is_prompt = "target_sizes" in config
    wanted = {"labels": "base_model" in config and not is_prompt, "prompt": is_prompt}
    if not wanted.get(kind.head, "base_model" not in config):
        fits = [
            name
            for name, other in KINDS.items()
            if other.head == ("prompt" if is_prompt else "labels")
        ]
        others = (
            f"--classifier {' or '.join(fits)}" if "base_model" in config else "no --classifier"
        )
        raise InputError(
            f"the model {model!r} is not one of --classifier {classifier}, by its config.json; give {others}, or check --model."
        )


def _other(config: dict[str, Any]) -> Kind:
    """What a sequence classifier of transformers gives: labels, or one score."""
    if len(config.get("id2label") or config.get("label2id") or ("", "")) > 1:
        return OTHER
    columns = {"label": "label", "float": "score_float", "int": "score_int"}
    return replace(OTHER, head="score", columns=columns)
