"""The page of a job that lists no documents."""

from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_engine.report.facts_page import facts_page
from curator_engine.running.run_record import write_record


def test_a_page_has_the_record_and_the_job_s_own_sections(tmp_path: Path) -> None:
    facts = {"urls": 3, "notes": ["<one> note"]}
    write_record(
        str(tmp_path), {"job": "download", "version": "9", "status": "done", "facts": facts}
    )
    page = facts_page(str(tmp_path), "Download", lambda given: [f"<p>{given['urls']} came</p>"])
    assert "<p>3 came</p>" in page
    assert "version 9" in page
    assert "&lt;one&gt; note" in page
    assert f"download: {tmp_path}" in page


def test_a_folder_of_no_run_has_no_page(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no run"):
        facts_page(str(tmp_path), "Download", lambda _: [])
