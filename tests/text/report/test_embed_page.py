"""The page of a run that embeds."""

import pytest
from text_toys import write_jsonl

from curator_engine.running.run_record import write_record
from curator_text.report.embed_page import build_page


@pytest.mark.parametrize(
    ("model", "words"),
    [("fingerprint", "see wording and not meaning"), ("<i>", "Made by &lt;i&gt;.")],
)
def test_the_page_says_what_made_the_vectors(tmp_path, model, words):
    write_jsonl(tmp_path / "in.jsonl", [{"text": "x"}])
    facts = {"num_documents": 5, "num_removed": 0, "dims": 384, "truncated": 3, "model": model}
    record = {"job": "embed", "status": "done", "settings": {}, "facts": facts}
    write_record(str(tmp_path), {**record, "version": "1", "steps": {}})
    html = build_page(str(tmp_path))
    assert words in html
    assert "384" in html
