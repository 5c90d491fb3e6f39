"""From a crawl to clean documents in one job file: pages and WARC files of a server, with planted copies, leaks, languages and junk."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from text_toys import command
from web_pages import html
from web_server import serving

SHARED = Path(__file__).parents[3] / "shared/data/text"
GERMAN = (
    "Der Film erzählt die Geschichte einer Familie, die nach vielen Jahren in ihr altes Haus zurückkehrt. "
    "Die Schauspieler überzeugen vom ersten Augenblick an, und auch die Musik bleibt im Gedächtnis. "
    "Leider verliert die Handlung nach der Hälfte an Spannung, so dass man auf die Uhr schaut. "
)
PLAIN, COPIES, LEAKS, FOREIGN, JUNK = 24, 4, 3, 4, 3
WARCS = ("sample-0000.warc.gz", "sample-0001.warc.gz")
EXPECTED = {
    "01-download": {"documents": 43, "kept": 41, "removed": 2},
    "02-extract": {"documents": 80, "kept": 75, "removed": 5},
    "03-langid": {"documents": 75, "kept": 71, "removed": 4},
    "04-filter": {"documents": 71, "kept": 56, "removed": 15},
    "05-fuzzy": {"documents": 56, "kept": 50, "removed": 6},
    "06-decontaminate": {"documents": 50, "kept": 47, "removed": 3},
}
"""Addresses by step, then documents."""
REPETITIVE = {"plain/9", "plain/15"}
"""Reviews that FineWeb's rules drop."""


def reviews():
    """Texts of reviews, their sentences in paragraphs of five."""
    with zipfile.ZipFile(SHARED / "movie_reviews.zip") as file:
        names = sorted(name for name in file.namelist() if name.endswith(".txt") and "cv" in name)
        texts = [file.read(name).decode("utf-8", "replace") for name in names[: PLAIN + LEAKS]]
    for text in texts:
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        yield "\n".join(" ".join(lines[i : i + 5]) for i in range(0, len(lines), 5))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server, with a list of what it has and the job file beside it."""
    if not (SHARED / WARCS[0]).exists():
        pytest.skip("no shared texts")
    folder = tmp_path_factory.mktemp("job")
    texts = list(reviews())
    pages = {f"plain/{n}": text for n, text in enumerate(texts)}
    pages |= {f"copy/{n}": f"{texts[n]}\nseen again by somebody else." for n in range(COPIES)}
    pages |= {f"german/{n}": f"{GERMAN}{n}\n" * 4 for n in range(FOREIGN)}
    pages |= {f"junk/{n}": "\n".join(f"buy {n} {k}" for k in range(30)) for n in range(JUNK)}
    answers = {
        f"/{name}": (200, {"Content-Type": "text/html"}, html(text, title=name).encode())
        for name, text in pages.items()
    }
    answers["/data"] = (200, {"Content-Type": "application/json"}, b"{}")
    answers |= {
        f"/{name}": (200, {"ETag": f'"{name}"'}, (SHARED / name).read_bytes()) for name in WARCS
    }
    answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /private")
    leaked = [{"text": text.split("\n")[1]} for text in texts[PLAIN:]]
    (folder / "eval.jsonl").write_text("\n".join(map(json.dumps, leaked)), encoding="utf-8")
    with serving(answers) as made:
        names = [*pages, "data", *WARCS, "gone", "private/x"]
        (folder / "urls.txt").write_text(
            "".join(f"{made.url}/{n}\n" for n in names), encoding="utf-8"
        )
        (folder / "job.yaml").write_text(
            "input: urls.txt\noutput: out\nallow_private: true\nper_host: 1000\nsteps:\n  - download\n"
            "  - extract: {extractor: resiliparse}\n  - langid: {keep: [en]}\n"
            "  - filter: {recipe: fineweb}\n  - fuzzy\n  - decontaminate: {against: [eval.jsonl]}\n",
            encoding="utf-8",
        )
        yield folder


def urls_of(out):
    files = sorted(Path(out, "data").rglob("*.jsonl"))
    return [
        json.loads(line)["url"]
        for f in files
        for line in f.read_text(encoding="utf-8").splitlines()
    ]


@pytest.fixture(scope="module")
def done(site):
    """What the job leaves, and what it says."""
    os.environ["SOURCE_DATE_EPOCH"] = "1714521600"
    code, said, told = command("run", site / "job.yaml", "--workers", "1", "--json")
    assert code == 0, told
    return site / "out", json.loads(said.splitlines()[-1])


def test_each_step_takes_what_was_planted_for_it(done):
    out, found = done
    steps = found["steps"]
    counts = {name: {key: steps[name][key] for key in wanted} for name, wanted in EXPECTED.items()}
    assert counts == EXPECTED
    assert steps["01-download"]["reasons"] == {
        "robots.txt does not allow it": 1,
        "status 404": 1,
    }
    left = {url.split("/", 3)[3] for url in urls_of(out) if "127.0.0.1" in url}
    assert left == {f"plain/{n}" for n in range(PLAIN)} - REPETITIVE
    assert found["alarms"] == []


@pytest.mark.ray
@pytest.mark.long
def test_a_killed_run_on_ray_goes_on_to_the_same_documents(site, done, tmp_path):
    # What follows extraction runs on each executor in test_job_files.py.
    words = ["run", str(site / "job.yaml"), "-o", str(tmp_path / "out"), "--executor", "xenna"]
    program = "from curator_text.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", program, *words], start_new_session=True)
    until = time.monotonic() + 300
    while not (tmp_path / "out/steps/02-extract/run.json").exists() and time.monotonic() < until:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    again = subprocess.run([sys.executable, "-c", program, *words, "--resume"], check=False)
    assert again.returncode == 0
    assert urls_of(tmp_path / "out") == urls_of(done[0])
