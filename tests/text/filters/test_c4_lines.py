"""What C4's rules on lines leave; each rule alone is in `test_c4.py`, all together in `test_c4_kernels.py`."""

from curator_text.filters.c4_lines import C4Lines
from curator_text.filters.documents import Documents

_TEXTS = ["menu\nThis line stays [12].\nThis line goes\n", "", "Another line that stays!"]


def test_citations_and_lines_without_end_marks_are_left_out():
    left = Documents.of(_TEXTS).left_by(C4Lines())
    assert left.documents.texts.to_pylist() == ["This line stays .", "", "Another line that stays!"]


def test_what_is_left_is_made_once_for_all_filters():
    documents = Documents.of(_TEXTS)
    assert documents.left_by(C4Lines()) is documents.left_by(C4Lines())
    other = documents.left_by(C4Lines(need_end_mark=False)).documents
    assert other.texts.to_pylist()[0] == "This line stays .\nThis line goes"
