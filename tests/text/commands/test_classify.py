"""`curator-text classify` as a person uses it."""

import pytest
from classify_toys import write_linear
from text_toys import command, write_jsonl
from tiny_classifiers import TEXTS


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    rows = [{"id": f"d{n}", "text": text} for n, text in enumerate(TEXTS)]
    return write_jsonl(tmp_path_factory.mktemp("source") / "x.jsonl", rows)


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    return write_linear(tmp_path_factory.mktemp("linear"))


def test_it_says_the_labels(source, linear, tmp_path):
    words = ("--model", linear, "--filter-by", "good", "--id-field", "id", "--workers", "1")
    code, said, _ = command("classify", source, "-o", tmp_path / "out", *words)
    assert code == 0
    first, *labels, last = said.splitlines()
    assert first.startswith("6 documents: 5 kept, 1 removed (16.7%), ")
    assert labels == ["  good: 5 (83.3%)", "  bad: 1 (16.7%), 1 removed"]
    assert last.endswith("report.html, data/, removed/, labels/, run.json")
    again = command("classify", source, "-o", tmp_path / "out", *words, "--resume")
    assert "finished already" in again[2]


def test_a_dry_run_writes_nothing(source, linear, tmp_path):
    code, said, _ = command(
        "classify", source, "-o", tmp_path / "o", "--model", linear, "--dry-run"
    )
    assert code == 0
    assert "rows get model_label, model_score" in said
    assert not (tmp_path / "o").exists()


def test_without_a_network_one_line_says_what_to_fetch(source, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    code, _, said = command("classify", source, "-o", tmp_path / "o", "--classifier", "domain")
    assert code == 2
    assert len(said.splitlines()) == 1
    assert "hf download nvidia/domain-classifier" in said
    assert not (tmp_path / "o").exists()
