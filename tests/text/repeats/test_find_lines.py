"""Finding lines that stand in the corpus too often, with a keep policy of its own."""

from repeat_toys import lines_into
from text_toys import rows_of, write_jsonl

LINE = "this line comes again and again"


def test_the_document_that_is_first_in_keep_order_keeps_the_line(tmp_path):
    rows = [{"text": f"{LINE}\n{i}", "rank": i} for i in range(3)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    lines_into(source, tmp_path / "out", max_times=1, keep="field:rank")
    assert [row["text"] for row in rows_of(tmp_path / "out")] == ["0", "1", f"{LINE}\n2"]


def test_as_many_places_stay_as_are_left(tmp_path):
    source = write_jsonl(tmp_path / "x.jsonl", [{"text": f"{LINE}\n{i}"} for i in range(4)])
    lines_into(source, tmp_path / "out", max_times=3, leave=2)
    assert [row["text"] for row in rows_of(tmp_path / "out")] == [
        f"{LINE}\n0",
        f"{LINE}\n1",
        "2",
        "3",
    ]
