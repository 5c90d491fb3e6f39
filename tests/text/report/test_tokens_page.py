"""The page of a run that writes tokens."""

import json

from curator_text.report.tokens_page import build_page, source_rows


def test_sources_are_escaped_and_counted(tmp_path):
    facts = {"num_documents": 2, "num_tokens": 10, "text_bytes": 30, "num_sources": 60}
    facts |= {"sources": {"<b>": [2, 10]}, "known_files": 3, "total_tokens": 99, "num_shards": 1}
    (tmp_path / "run.json").write_text(json.dumps({"facts": facts, "settings": {}}))
    page = build_page(str(tmp_path))
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert "3.00" in page
    assert "10 more are in sources.parquet" in page
    assert "99 tokens in all" in page


def test_a_share_of_nothing_is_nothing():
    assert source_rows({"a": [0, 0]}, total=0)[0][3] == "0.0%"
