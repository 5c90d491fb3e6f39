"""What commands say of an index: what a new input is compared with, what was added, and what it cannot be."""

import json

import pytest
from text_toys import command, write_jsonl

LINE = "a line that is long enough to count, and more than enough of it to be a passage"


@pytest.mark.parametrize(
    ("job", "options"), [("lines", ["--max-times", "1"]), ("substring", ["--min-bytes", "40"])]
)
def test_what_is_compared_and_what_is_added_is_said(tmp_path, job, options):
    index = tmp_path / "index"
    index.mkdir()
    words = [*options, "--against", index, "--save-index", index, "--workers", "1"]
    old = write_jsonl(tmp_path / "a.jsonl", [{"text": LINE}])
    code, said, _ = command(job, old, "-o", tmp_path / "out", *words)
    assert (code, f"index in {index}: 1 document" in said) == (0, True)
    new = write_jsonl(tmp_path / "b.jsonl", [{"text": f"{LINE}\nfresh"}])
    assert "against: " in command(job, new, "-o", tmp_path / "plan", *words, "--dry-run")[1]
    code, said, _ = command(job, new, "-o", tmp_path / "o2", *words, "--json")
    found = json.loads(said.splitlines()[-1])
    assert (found["changed"], found["index"]["documents"]) == (1, 2)
    said = command(job, old, "-o", tmp_path / "o4", "--against", tmp_path / "none")
    assert said[0] == 2
    other = ["--against", index, "--min-bytes", "30"]
    assert "was made with " in command(job, new, "-o", tmp_path / "o5", *other)[2]
    assert f"is one of {job}" in command("exact", new, "-o", tmp_path / "o6", "--against", index)[2]
