"""`curator-text download` as a person uses it."""

import json

import pytest
from text_toys import command
from web_pages import LONG, html
from web_server import serving

PAGES = {
    f"/{n}": (200, {"Content-Type": "text/html"}, html(f"{LONG}{n}").encode()) for n in range(3)
}
OPTIONS = ("--allow-private", "--per-host", "1000", "--workers", "1")


@pytest.fixture
def urls(tmp_path):
    with serving(PAGES) as site:
        (tmp_path / "l.txt").write_text(
            "".join(f"{site.url}/{n}\n" for n in range(4)), encoding="utf-8"
        )
        yield tmp_path / "l.txt"


def test_it_says_what_came_and_what_did_not(urls, tmp_path):
    code, said, _ = command("download", "urls", urls, "-o", tmp_path / "out", *OPTIONS)
    assert code == 0
    assert said.splitlines() == [
        "4 addresses: 3 downloaded, 0.0 MB; 1 not",
        "  status 404: 1",
        "  --retry-failed asks for those again",
        f"result in {tmp_path}/out: report.html, data/, downloads.parquet, run.json",
    ]
    code, _, told = command("download", "urls", urls, "-o", tmp_path / "out", *OPTIONS, "--resume")
    assert code == 0
    assert "is finished already" in told


def test_it_is_the_first_step_of_a_job_file(urls, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(
        "input: l.txt\noutput: out\nallow_private: true\nper_host: 1000\nsteps:\n"
        "  - download\n  - extract: {extractor: resiliparse}\n  - exact\n",
        encoding="utf-8",
    )
    code, said, told = command("run", job, "--workers", "1", "--json")
    found = json.loads(said.splitlines()[-1])
    assert (code, found["documents"], found["kept"], found["alarms"]) == (0, 3, 3, []), told
    assert found["steps"]["01-download"]["removed"] == 1


def test_options_that_do_not_fit_are_said(tmp_path):
    code, _, told = command("download", "cc", "-o", tmp_path / "out")
    assert code == 2
    assert "--snapshot" in told
