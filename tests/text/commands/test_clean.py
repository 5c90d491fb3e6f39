"""`curator-text clean` as a person uses it: what is typed, what is seen, what is left."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from filter_toys import files_of
from stopped_runs import gate_at, kill_group, wait_for
from text_toys import command, rows_of, table, write_corpus, write_jsonl

COMMAND = str(Path(sys.executable).parent / "curator-text")
ROWS = [
    {"id": "repaired", "text": "The MonaÃ© Lisa hangs in Paris.\n\n\n\nIt is small."},
    {"id": "notice", "text": "We use cookies."},
    {"id": "plain", "text": "Nothing is wrong here."},
    {"id": "none", "text": None},
]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write_jsonl(tmp_path_factory.mktemp("corpus") / "x.jsonl", ROWS)


@pytest.fixture(scope="module")
def done(source, tmp_path_factory):
    """A run and what it said."""
    out = tmp_path_factory.mktemp("run") / "out"
    return out, command("clean", source, "-o", out, "--id-field", "id", "--workers", "1")


def test_it_says_what_each_rule_met_and_where_to_look(done):
    out, (code, said, _) = done
    first, *rules, last = said.splitlines()
    assert code == 0
    assert first.startswith("4 documents: 3 kept, 1 removed (25.0%), 1 changed, ")
    assert rules == [
        "  UnicodeReformatter: 1 (25.0%)",
        "  NoticeLines: 1 (25.0%), 1 dropped",
        "  NewlineNormalizer: 1 (25.0%)",
    ]
    assert last == f"result in {out}: report.html, data/, removed/, changes/, run.json"
    assert rows_of(out)[0]["text"] == "The Monaé Lisa hangs in Paris.\n\nIt is small."


def test_a_rule_can_be_left_out(source, tmp_path):
    code, said, _ = command(
        "clean",
        source,
        "-o",
        tmp_path / "out",
        "--workers",
        "1",
        "--set",
        "NoticeLines=off",
        "--json",
    )
    found = json.loads(said)
    assert (code, found["removed"], found["changed"]) == (0, 0, 1)
    assert found["edited"] == {"UnicodeReformatter": 1, "NewlineNormalizer": 1}


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(source, tmp_path):
    code, said, _ = command("clean", source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "recipe web, 3 rules: UnicodeReformatter, NoticeLines, NewlineNormalizer" in said
    assert not (tmp_path / "out").exists()


def explain(done, name):
    code, said, error = command("explain", done[0], "--id", name)
    assert code == 0, error
    return said


def test_explain_shows_what_changed_in_a_document(done):
    said = explain(done, "repaired")
    assert "repaired: kept, changed; 47 characters before, 44 after" in said
    assert "MonaÃ©" in said
    assert "Monaé" in said
    assert "  NewlineNormalizer: 1" in said


def test_explain_says_why_a_document_went_and_that_one_stayed(done):
    assert "notice: removed by NoticeLines: nothing is left of 15 characters" in explain(
        done, "notice"
    )
    assert "[-We use cookies.-]" in explain(done, "x.jsonl:1")
    assert explain(done, "plain") == "plain: kept as it was\n"
    code, _, error = command("explain", done[0], "--id", "nobody")
    assert (code, "no document 'nobody'" in error) == (2, True)


def test_a_run_killed_in_the_middle_goes_on_to_what_an_unbroken_one_gives(tmp_path):
    texts = [f"Number {i}. It hangs inÂ Paris.\n\n\n\n" * 40 for i in range(400)]
    source = write_corpus(tmp_path / "in", [{"text": text} for text in texts], files=20)
    words = [COMMAND, "clean", source, "-o", str(tmp_path / "out"), "--workers", "1", "-q"]
    gate = gate_at(tmp_path / "gate", "*/done/*.json", after=1)
    process = subprocess.Popen(words, start_new_session=True, env=gate.env)
    cache = tmp_path / "out/.cache/checkpoint"
    assert wait_for(lambda: list(cache.glob("*/done/**/*.json")))
    kill_group(process)
    status = json.loads((tmp_path / "out/run.json").read_text())["status"]
    assert status == "running"
    code, _, error = command(*words[1:], "--resume")
    assert code == 0, error
    command("clean", source, "-o", tmp_path / "whole", "--workers", "1")
    folders = ("data", "removed", "changes")
    assert files_of(tmp_path / "out", *folders) == files_of(tmp_path / "whole", *folders)
    assert len(table(tmp_path / "out", "changes")) == 400
