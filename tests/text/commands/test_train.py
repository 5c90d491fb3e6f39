"""`curator-text train` as a person uses it, and `filter` with what it leaves."""

import json

import pytest
from filter_toys import files_of
from text_toys import command, write_jsonl
from training_toys import texts_of, write_kinds


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    return write_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def model(kinds, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "model"
    return out, command("train", *kinds, "-o", out, "--bits", "12", "--workers", "1")


def test_it_says_how_well_it_does_and_by_what(model):
    out, (code, said, _) = model
    first, tested, good, bad, *last = said.splitlines()
    assert code == 0
    assert first.startswith("120 good and 120 bad texts, ")
    assert tested.startswith("on ")
    assert "area under the curve " in tested
    assert good.startswith("  signs of good texts: ")
    assert bad.startswith("  signs of bad texts: ")
    assert last == [
        f"result in {out}: model.safetensors, report.html, run.json",
        f"use it: curator-text filter IN -o OUT --model {out}",
    ]


def test_a_dry_run_writes_nothing(kinds, tmp_path):
    code, said, _ = command("train", *kinds, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "1,048,576 weights, 5 passes" in said
    assert "240 documents" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["good.jsonl"], "train takes two, GOOD and BAD"),
        (["good.jsonl", "bad.jsonl", "--limit", "3"], "use --max-documents"),
        (["good.jsonl", "bad.jsonl", "--held-out", "1"], "is not between 0 and 1"),
        (["good.jsonl", "bad.jsonl", "--bits", "40"], "--bits 40 is not in [8, 24]"),
    ],
)
def test_bad_input_is_one_line(tmp_path, monkeypatch, words, expected):
    monkeypatch.chdir(tmp_path)
    code, _, said = command("train", *words, "-o", "out")
    assert code == 2
    assert expected in said
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    texts = texts_of("good", 9) + texts_of("bad", 9)
    rows = [{"id": str(n), "text": each} for n, each in enumerate(texts)]
    return write_jsonl(tmp_path_factory.mktemp("mixed") / "x.jsonl", rows)


RECIPE = "filters:\n  - WordCount: {min_words: 5}\n"


def filtered(mixed, out, model, *words):
    recipe = out.parent / "mine.yaml"
    recipe.write_text(RECIPE)
    given = ("filter", mixed, "-o", out, "--model", model, "--recipe", recipe, *words)
    code, said, trouble = command(*given, "--workers", "1")
    assert code == 0, said + trouble
    rows = [json.loads(line) for line in files_of(out, "data")["data/x.jsonl"].splitlines()]
    return {int(row["id"]) for row in rows}


def test_filter_takes_the_model_as_a_rule(mixed, model, tmp_path):
    assert filtered(mixed, tmp_path / "half", model[0]) == set(range(9))
    strict = filtered(mixed, tmp_path / "strict", model[0], "--set", "LinearModel.min_score=0.95")
    assert strict < set(range(9))
    where = filtered(mixed, tmp_path / "where", model[0], "--where", "model_score > 0.95")
    assert where == strict


def test_scores_of_another_model_are_not_taken(mixed, model, kinds, tmp_path):
    filtered(mixed, tmp_path / "first", model[0])
    command("train", *kinds, "-o", tmp_path / "other", "--bits", "11")
    given = ("filter", mixed, "-o", tmp_path / "out", "--scores", tmp_path / "first")
    words = ("--recipe", tmp_path / "mine.yaml", "--model", tmp_path / "other")
    code, _, said = command(*given, *words)
    assert code == 2
    assert "of model_score was" in said


def test_a_model_that_is_none_is_one_line(mixed, tmp_path):
    code, _, said = command("filter", mixed, "-o", tmp_path / "out", "--model", mixed)
    assert code == 2
    assert "no model at" in said
