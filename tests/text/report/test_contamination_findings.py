"""What the page of a run that decontaminates shows of its tables."""

from contamination_toys import QUESTIONS, decontaminate_into, words
from text_toys import write_jsonl

from curator_text.removal.run_folder import open_run
from curator_text.report.contamination_findings import find_contamination


def test_the_documents_with_the_smallest_overlaps_are_shown_with_what_was_found(tmp_path):
    against = write_jsonl(tmp_path / "e/qa.jsonl", [{"q": QUESTIONS[0]}])
    parts = [QUESTIONS[0].split()[:k] for k in (24, 18, 19, 20, 24)]
    rows = [
        {"text": " ".join([*words(i, 50), *part, *words(i + 50, 50)])}
        for i, part in enumerate(parts)
    ]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    decontaminate_into(source, tmp_path / "out", against)
    findings = find_contamination(open_run(str(tmp_path / "out")))
    [shown] = findings.examples.values()
    assert [example.row for example in shown] == [1, 2, 3]
    first = shown[0].pieces
    assert [piece for is_found, piece in first if is_found] == [" ".join(parts[1])]
    assert "".join(piece for _, piece in first) in rows[1]["text"]
    assert [loss.removed for loss in findings.losses] == [5]
