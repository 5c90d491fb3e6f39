"""What is said of rows that could not be read; runs that lose some are in tests/text/pipelines."""

from typing import Any

from curator_engine.running.lost_rows import lost_lines, lost_rows


def test_the_first_reasons_are_said_with_their_numbers(tmp_path):
    facts: dict[str, Any] = {"quarantined": 1500, "lost_rows": 1499, "lost_files": 1}
    facts["lost_reasons"] = {"a": 1490, "b": 5, "c": 4, "d": 1}
    assert lost_lines(facts, "out") == [
        "1,499 rows and 1 file that cannot be read to the end in quarantine: see out/quarantine",
        "  a (1,490)",
        "  b (5)",
        "  c (4)",
        "  and 1 more reason",
    ]
    assert lost_lines({"quarantined": 0}, "out") == []
    assert lost_rows(str(tmp_path)).facts()["lost_rows"] == 0
