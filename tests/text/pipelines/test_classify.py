"""Classifying as a Python call: what rows get, what goes and why, networks from folders."""

import json
import pathlib

import pyarrow.parquet as pq
import pytest
from classify_toys import classify_into, write_linear
from text_toys import write_jsonl
from tiny_classifiers import TEXTS

from curator_engine.errors import SettingsError

ROWS = [{"id": f"d{n}", "text": text} for n, text in enumerate([*TEXTS, "casino"])]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    path = write_jsonl(folder / "x.jsonl", [*ROWS, {"id": "none", "text": None}])
    with pathlib.Path(path).open("a", encoding="utf-8") as file:
        file.write("{half")
    return path


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    return write_linear(tmp_path_factory.mktemp("linear"))


def rows_of(out):
    lines = (out / "data/x.jsonl").read_text("utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def test_rows_get_the_answers_and_labels_decide(source, linear, tmp_path):
    facts = classify_into(source, tmp_path / "out", model=linear, filter_by=["good"], id_field="id")
    assert (facts["num_documents"], facts["num_removed"], facts["quarantined"]) == (8, 2, 1)
    rows = rows_of(tmp_path / "out")
    assert set(rows) == {"d0", "d1", "d2", "d4", "d5", "none"}
    assert rows["d0"]["model_label"] == "good"
    assert rows["none"]["model_score"] is None
    gone = pq.read_table(tmp_path / "out/removed").to_pylist()
    assert {row["reason"] for row in gone} == {"model_label bad is not kept"}
    assert facts["labels"]["bad"] == {"documents": 2, "removed": 2}


def test_a_condition_decides_too(source, linear, tmp_path):
    facts = classify_into(source, tmp_path / "out", model=linear, where="model_score > 0.9")
    [reason] = set(pq.read_table(tmp_path / "out/removed")["reason"].to_pylist())
    assert reason == "not model_score > 0.9"
    labels = pq.read_table(tmp_path / "out/labels").to_pylist()
    assert sum(not row["keep"] for row in labels) == facts["num_removed"]


@pytest.mark.parametrize("classifier", ["quality", "fineweb-edu", "prompt-task-complexity"])
def test_networks_from_a_folder(source, classifiers, tmp_path, classifier):
    kind = {"quality": "labels", "fineweb-edu": "score"}.get(classifier, "prompt")
    out = tmp_path / "out"
    given = {"classifier": classifier, "model": classifiers[kind], "device": "cpu"}
    facts = classify_into(source, out, batch_size=2, **given)
    assert sum(each["documents"] for each in facts["labels"].values()) == len(ROWS)
    first = rows_of(out)
    other = tmp_path / "other"
    classify_into(source, other, batch_size=100, **given)
    names = {name for name in first["d0"] if name not in ("id", "text")}
    assert names
    for name, row in rows_of(other).items():
        for field in names:
            expected = first[name][field]
            is_number = isinstance(expected, float)
            assert row[field] == (pytest.approx(expected, abs=2e-4) if is_number else expected)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "no classifier; name one"),
        ({"filter_by": ["fine"]}, "has no such label"),
        ({"where": "score > 1"}, "no column 'score'"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(source, linear, tmp_path, settings, message):
    given = {"model": linear, **settings} if settings else {}
    with pytest.raises(SettingsError, match=message):
        classify_into(source, tmp_path / "out", **given)
