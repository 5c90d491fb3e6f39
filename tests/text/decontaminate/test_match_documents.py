"""The step that reads: what it leaves of small files that share a task."""

import json

from contamination_toys import QUESTIONS, decontaminate_into, words, write_evaluation
from text_toys import table, write_jsonl


def test_many_small_files_are_matched_as_single_ones_are(tmp_path):
    for i in range(120):
        rows = [{"text": " ".join(words(i * 3 + k, 30))} for k in range(3)]
        rows[i % 3]["text"] += f" {QUESTIONS[i % 12]}" if i % 10 == 0 else ""
        write_jsonl(tmp_path / f"in/{i:03d}.jsonl", rows)
    against = write_evaluation(tmp_path / "e.jsonl")
    decontaminate_into(tmp_path / "in", tmp_path / "out", against)
    names = {row["id"] for row in table(tmp_path / "out", "removed")}
    assert names == {f"{i:03d}.jsonl:{i % 3}" for i in range(0, 120, 10)}
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert record["steps"]["match"]["sources"] < 10
