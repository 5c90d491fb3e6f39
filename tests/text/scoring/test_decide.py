"""The step that decides: tables of a source task, whole or not at all."""

from filter_toys import ROWS, filter_into, keeps
from text_toys import write_jsonl


def test_a_source_that_loses_nothing_has_no_part_in_removed(tmp_path):
    write_jsonl(tmp_path / "in/a.jsonl", [row for row in ROWS if keeps(row)])
    write_jsonl(tmp_path / "in/b.jsonl", ROWS)
    filter_into(tmp_path / "in", tmp_path / "out")
    parts = {
        folder: len(list((tmp_path / "out" / folder).iterdir())) for folder in ("scores", "removed")
    }
    assert parts == {"scores": 2, "removed": 1}
