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
        return AegisJudge(model=model or GUARDS[classifier], prompt_file=prompt_file)
    if classifier == "instruction-data-guard":
        return PoisonJudge(model=model or GUARDS[classifier])
    if classifier is not None:
        kind = KINDS[classifier]
        name = model or kind.model
        folder_of(name)
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


def _other(config: dict[str, Any]) -> Kind:
    """What a sequence classifier of transformers gives: labels, or one score."""
    if len(config.get("id2label") or config.get("label2id") or ("", "")) > 1:
        return OTHER
    columns = {"label": "label", "float": "score_float", "int": "score_int"}
    return replace(OTHER, head="score", columns=columns)
