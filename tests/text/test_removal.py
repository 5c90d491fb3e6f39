"""Copies of the input without what goes."""

from pathlib import Path

from text_toys import deduplicate, sentence, write_jsonl

from curator_text.removal import RemoveDocuments


def test_a_file_of_which_nothing_stays_is_there_and_empty(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [{"text": sentence(1)}])
    write_jsonl(tmp_path / "in/b.jsonl", [{"text": sentence(1)}])
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert (tmp_path / "out/data/b.jsonl").read_bytes() == b""


def test_folders_of_the_input_are_folders_of_the_output(tmp_path):
    write_jsonl(tmp_path / "in/x/a.jsonl", [{"text": "a"}])
    deduplicate(str(tmp_path / "in"), tmp_path / "out")
    assert (tmp_path / "out/data/x/a.jsonl").exists()


def test_unfinished_copies_are_removed_before_a_resumed_run(tmp_path):
    for name in ("kept.jsonl", "sub/half.jsonl"):
        Path(tmp_path, "data", name).parent.mkdir(parents=True, exist_ok=True)
        Path(tmp_path, "data", name).touch()
    stage = RemoveDocuments(cache=str(tmp_path), corpus_key="k", output=str(tmp_path))
    stage.resume(frozenset({str(tmp_path / "data/kept.jsonl")}))
    assert [p.name for p in (tmp_path / "data").rglob("*.jsonl")] == ["kept.jsonl"]
