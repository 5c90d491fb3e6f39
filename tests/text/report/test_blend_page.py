"""The page of a blend."""

import json
from typing import Any

from curator_text.report.blend_page import build_page


def test_sources_parts_and_leaks_are_shown_and_escaped(tmp_path):
    row = {"source": "<b>", "weight": 0.5, "share": 0.4, "train_tokens": 10, "epochs": 2.5}
    row |= {"tokens": 25, "documents": 5, "unused_tokens": 0}
    facts: dict[str, Any] = {
        "sources": [row],
        "num_sources": 70,
        "num_tokens": 25,
        "alarms": ["look here"],
    }
    facts["parts"] = {"train": {"documents": 5, "tokens": 25, "files": 1, "sequences": 3}}
    facts["leaks"] = {"hash": {"train/test": 7}}
    (tmp_path / "run.json").write_text(
        json.dumps({"facts": facts, "settings": {"split_by": "hash"}})
    )
    page = build_page(str(tmp_path))
    assert "<b>" not in page
    for words in ("&lt;b&gt;", "2.50", "look here", "sequences", "7 of test with train", "20 more"):
        assert words in page
