"""Guards as judges of `classify`."""

import json

import pyarrow as pa
import pytest
from tiny_classifiers import TEXTS

from curator_engine.errors import SettingsError
from curator_text.classifier_settings import ClassifySettings
from curator_text.classifiers.choose_judge import make_judge
from curator_text.pipelines.classify import ClassifyWorkflow


def test_aegis_gives_labels_and_sees_as_much_as_fits(guards, tmp_path):
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("a {text} now", "utf-8")
    judge = make_judge("aegis", guards["aegis"], str(prompt))
    judge.open("cpu")
    texts = pa.array(["the river", "a " * 2999 + "river " * 900])
    found, cut = judge.judge(texts, batch_size=2)
    assert set(found["aegis_pred"]) <= set(judge.labels)
    assert cut == 1
    assert judge.key != make_judge("aegis", guards["aegis"]).key


def test_poison_gives_a_score_and_whether_it_is_a_half(guards):
    judge = make_judge("instruction-data-guard", guards["poison"])
    judge.open("cpu")
    found, cut = judge.judge(pa.array(TEXTS), batch_size=4)
    scores = found["instruction_data_guard_poisoning_score"]
    assert found["is_poisoned"] == [score >= 0.5 for score in scores]
    assert cut == 0


def test_a_run_keeps_what_is_not_poisoned(guards, tmp_path):
    lines = [json.dumps({"text": text}) for text in TEXTS if text]
    (tmp_path / "in.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    settings = ClassifySettings(
        inputs=[str(tmp_path / "in.jsonl")],
        output=str(tmp_path / "out"),
        classifier="instruction-data-guard",
        model=guards["poison"],
        filter_by=["false"],
    )
    ClassifyWorkflow(settings=settings).run()
    made = (tmp_path / "out/data/in.jsonl").read_text("utf-8")
    kept = [json.loads(each) for each in made.splitlines()]
    assert 0 < len(kept) < len(lines)
    assert not any(each["is_poisoned"] for each in kept)


def test_only_aegis_asks_a_question(tmp_path):
    (tmp_path / "p").write_text("{text}", "utf-8")
    settings = ClassifySettings(classifier="domain", prompt_file=str(tmp_path / "p"))
    with pytest.raises(SettingsError, match="--prompt-file is for --classifier aegis"):
        settings.check()
