"""Which judge a classifier and a model stand for, and what each gives."""

import numpy as np
import pyarrow as pa
import pytest
from fasttext_toys import write_model
from tiny_classifiers import TEXTS

from curator_engine.errors import SettingsError
from curator_text.classifiers.choose_judge import make_judge
from curator_text.classifiers.judges import check_labels
from curator_text.models.linear_model import LinearModel


@pytest.fixture(scope="module")
def models(classifiers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    weights = np.random.default_rng(0).integers(-9000, 9000, 1 << 10).astype(np.int16)
    LinearModel(weights=weights, exponent=-9, bias=0.0).save(f"{folder}/model.safetensors")
    labels = ("__label__good", "__label__bad")
    fast = write_model(folder / "fast.bin", labels, ("proof", "casino"))
    return {**classifiers, "linear": str(folder), "fasttext": fast}


@pytest.mark.parametrize(
    ("classifier", "model", "fields", "labels"),
    [
        (None, "linear", ["model_label", "model_score"], ["good", "bad"]),
        (None, "fasttext", ["model_label", "model_score"], []),
        (None, "other", ["label", "label_prob"], ["LABEL_0", "LABEL_1", "LABEL_2"]),
        (None, "score", ["label", "score_float", "score_int"], ["high_quality", "low_quality"]),
        ("quality", "labels", ["quality_pred", "quality_prob"], ["Low", "Medium", "High"]),
        (
            "fineweb-edu",
            "score",
            [f"fineweb_edu_score_{n}" for n in ("label", "float", "int")],
            ["high_quality", "low_quality"],
        ),
    ],
)
def test_each_kind_of_model_gives_its_fields(models, classifier, model, fields, labels):
    judge = make_judge(classifier, models[model])
    assert list(judge.fields) == fields
    assert judge.labels == labels
    judge.open("cpu")
    texts = pa.array(TEXTS)
    found, _ = judge.judge(texts, batch_size=4)
    table = pa.table({name: found[name] for name in fields}, pa.schema(judge.fields))
    assert table.num_rows == len(TEXTS)
    known = set(table[judge.label_field].to_pylist()) - {None}
    assert known <= set(labels or ["good", "bad"])
    again = make_judge(classifier, models[model])
    assert again.key == judge.key


def test_the_prompt_classifier_has_names_of_tasks(models):
    judge = make_judge("prompt-task-complexity", models["prompt"])
    check_labels(judge, ["Code"])
    with pytest.raises(SettingsError, match="has no such label; it has Chat, Code"):
        check_labels(judge, ["Poem"])
    with pytest.raises(SettingsError, match="Give --filter-by once for each"):
        check_labels(judge, ["Code,Chat"])
