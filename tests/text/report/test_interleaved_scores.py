"""Charts of measures on the page of `interleaved`."""

from curator_text.interleaved.result_tables import ResultTables
from curator_text.removal.run_folder import RunFolder
from curator_text.report import interleaved_scores
from curator_text.report.interleaved_scores import measured

RUN = {"settings": {"min_side": 150, "max_aspect": 2.0, "max_chars": 9}}


def test_what_was_measured_is_drawn_with_its_limits(ours, monkeypatch):
    monkeypatch.setattr(interleaved_scores, "_MOST_ROWS", 10)
    with ResultTables(output=ours, name="deep/a.tar") as tables:
        for number in range(20):
            document = {"modality": "document", "reason": "", "num_chars": number}
            size = {"width": 140 + number, "height": 200, "aspect": 2.0}
            tables.add(document, [{"modality": "image", "reason": "", **size}])
    html = measured(RunFolder(path=ours, record=RUN))
    for shown in ("least 150", "most 2", "most 9"):
        assert shown in html
    assert "sharpness" not in html


def test_without_rows_there_is_no_section(ours):
    assert measured(RunFolder(path=ours, record=RUN)) == ""
