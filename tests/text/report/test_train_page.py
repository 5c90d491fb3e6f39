"""The page of a run that trains: the numbers of `run.json`, and nothing of a document that could act."""

import pytest
from pages import SCRIPT, TAGS, Page, is_strict
from text_toys import write_jsonl
from training_toys import texts_of, train_into


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    for kind in ("good", "bad"):
        texts = [f"{each} {SCRIPT if kind == 'bad' else ''}" for each in texts_of(kind, 60)]
        write_jsonl(folder / f"{kind}.jsonl", [{"text": each} for each in texts])
    facts = train_into(f"{folder}/good.jsonl", f"{folder}/bad.jsonl", folder / "out", ngrams=5)
    return folder / "out", facts


def test_the_numbers_are_those_of_the_record(run):
    out, facts = run
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    held_out = facts["held_out"]
    expected = {
        "auc": held_out["auc"],
        "accuracy": held_out["accuracy"],
        "trained": facts["trained"],
    }
    assert {name: page.numbers[name] for name in expected} == expected
    assert "script" in page.text


def test_nothing_of_a_document_becomes_a_tag_or_a_handler(run):
    page = Page((run[0] / "report.html").read_text(encoding="utf-8"))
    assert set(page.tags) <= TAGS | {"article", "strong", "polyline"}
    assert not page.handlers
    assert not page.sources
    assert is_strict(page.policy)
