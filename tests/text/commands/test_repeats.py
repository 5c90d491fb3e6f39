"""`curator-text substring` and `lines` as they are typed."""

import json

import pytest
from text_toys import command, sentence, write_jsonl


@pytest.fixture
def source(tmp_path):
    passage = sentence(1, words=40)
    rows = [{"text": f"{passage}\n{sentence(i)}"} for i in range(2, 5)]
    return write_jsonl(tmp_path / "x.jsonl", rows)


@pytest.mark.parametrize(("job", "options"), [("substring", []), ("lines", ["--max-times", "2"])])
def test_the_last_lines_say_what_repeats(job, options, source, tmp_path):
    code, out, _ = command(job, source, "-o", tmp_path / "out", *options)
    assert code == 0
    assert "3 documents: 3 kept, 0 removed (0.0%)" in out
    assert "2 passages repeat" in out
    assert "cut out of 2 documents that stay" in out
    assert (tmp_path / "out/report.html").exists()


def test_json_counts_passages(source, tmp_path):
    _, out, _ = command("substring", source, "-o", tmp_path / "out", "--json")
    summary = json.loads(out)
    assert (summary["passages"], summary["changed"], summary["removed"]) == (2, 2, 0)


def test_a_dry_run_writes_nothing(source, tmp_path):
    code, out, _ = command("substring", source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "hash" in out
    assert not (tmp_path / "out").exists()


def test_a_value_out_of_range_is_one_line(source, tmp_path):
    code, _, err = command("lines", source, "-o", tmp_path / "out", "--max-times", "0")
    assert code == 2
    assert "--max-times 0 is below 1." in err
