"""`curator-text extract` as a person uses it."""

import json

import pytest
from text_toys import command, leave_as_killed_at_the_end
from web_pages import LONG, html, record, write_warc


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    records = [record(html(f"{LONG}{n}").encode(), number=n) for n in range(3)]
    return write_warc(
        tmp_path_factory.mktemp("in") / "a.warc.gz", *records, record(b"{}", number=3)
    )


@pytest.fixture(scope="module")
def done(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    return out, run(source, "-o", out)


def run(*words):
    return command("extract", *words, "--extractor", "resiliparse", "--workers", "1")


def test_it_says_what_was_found(done):
    out, (code, said, _) = done
    assert code == 0
    assert said.splitlines() == [
        "4 pages: 3 documents, 0.0 MB of text; 1 without one",
        "  not HTML: 1",
        f"result in {out}: report.html, data/, removed/, run.json",
    ]


def test_a_finished_run_is_not_done_again(source, done):
    names = leave_as_killed_at_the_end(done[0])
    code, _, told = run(source, "-o", done[0], "--resume")
    assert code == 0
    assert "is finished already" in told
    assert sorted(path.name for path in done[0].iterdir()) == names


def test_a_limit_counts_pages(source, tmp_path):
    code, said, _ = run(source, "-o", tmp_path / "out", "--limit", "2", "--json")
    found = json.loads(said.splitlines()[-1])
    assert (code, found["documents"], found["kept"]) == (0, 2, 2)


def test_a_dry_run_leaves_nothing(source, tmp_path):
    code, said, _ = run(source, "-o", tmp_path / "out", "--dry-run")
    assert code == 0
    assert "extract_pages" in said
    assert not (tmp_path / "out").exists()


def test_a_page_that_fails_is_in_quarantine(tmp_path):
    source = write_warc(
        tmp_path / "a.warc.gz", record(html(LONG).encode()), record(b"<div>" * 2_000_000)
    )
    words = ("--page-timeout", "3", "--max-rejected-ratio", "1")
    code, said, _ = run(source, "-o", tmp_path / "out", *words)
    assert code == 3
    assert "1 row in quarantine" in said
    assert "took too long" in said


def test_a_folder_without_pages_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    code, _, told = run(tmp_path, "-o", tmp_path / "out")
    assert code == 2
    assert ".warc" in told


def test_it_is_a_step_of_a_job_file(source, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(
        f"input: {source}\noutput: {tmp_path}/out\nsteps:\n"
        "  - extract: {extractor: resiliparse}\n  - exact\n  - langid: {keep: [en]}\n",
        encoding="utf-8",
    )
    code, said, told = command("run", job, "--workers", "1", "--json")
    found = json.loads(said.splitlines()[-1])
    assert (code, found["documents"], found["kept"]) == (0, 4, 3), told
    assert found["steps"]["01-extract"]["removed"] == 1
