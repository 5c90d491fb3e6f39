"""The command that makes tokens."""

import json

import pytest
from text_toys import command, write_jsonl
from token_toys import folder_documents, text_of


@pytest.fixture
def source(tmp_path):
    rows = [{"text": f"words {n}", "id": n} for n in range(6)]
    write_jsonl(tmp_path / "in.jsonl", [*rows, {"text": None}])
    return tmp_path / "in.jsonl"


def test_counts_and_sources_are_said(source, tmp_path):
    words = ("tokenize", source, "-o", tmp_path / "out", "--max-rejected-ratio", "1")
    code, out, _ = command(*words)
    assert code == 3
    assert out.splitlines()[0].startswith("6 documents, 48 tokens (uint16), 1 file")
    assert "  in.jsonl: 6 documents, 48 tokens (100.0%)" in out
    assert "1 row in quarantine" in out
    code, out, _ = command(*words, "--resume", "--json")
    found = json.loads(out)
    assert (found["documents"], found["kept"], found["removed"], found["lost_rows"]) == (6, 6, 0, 1)
    assert "tokens" in (tmp_path / "out/report.html").read_text()


def test_what_is_appended_is_said(source, tmp_path):
    words = ("tokenize", source, "-o", tmp_path / "out", "--max-rejected-ratio", "1", "--append")
    assert command(*words)[0] == 3
    code, out, said = command(*words)
    assert (code, "nothing to do" in said) == (0, True)
    assert "and left out: 1 file" in said
    write_jsonl(tmp_path / "more.jsonl", [{"text": "more"}])
    code, out, _ = command(*words[:2], tmp_path / "more.jsonl", *words[2:])
    assert code == 0
    assert "with what was there before: 7 documents, 53 tokens" in out


def test_a_dry_run_tells_the_plan(source, tmp_path):
    code, out, _ = command("tokenize", source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "bytes: 257 tokens, uint16, megatron" in out
    assert not (tmp_path / "out").exists()


def test_tokenize_is_the_last_step_of_a_job_file(source, tmp_path):
    job = tmp_path / "job.yaml"
    steps = "steps:\n  - exact\n  - tokenize: {shuffle: true}\n"
    job.write_text(f"input: {source}\noutput: curated\nmax_rejected_ratio: 1\n{steps}")
    code, out, _ = command("run", job)
    assert code == 3, out
    documents = folder_documents(tmp_path / "curated/data")
    assert sorted(map(text_of, documents)) == [f"words {n}" for n in range(6)]
    assert "read " not in out
