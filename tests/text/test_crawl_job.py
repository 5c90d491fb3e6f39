"""From a crawl to tokens in one job file: pages and WARC files of a server, with planted copies, leaks, languages and junk."""

import itertools
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from stopped_runs import gate_at, kill_group, wait_for
from text_toys import command
from token_toys import folder_documents, folder_rows, text_of
from web_pages import html
from web_server import serving

SHARED = Path(__file__).parents[3] / "shared/data/text"
GERMAN = (
    "Der Film erzählt die Geschichte einer Familie, die nach vielen Jahren in ihr altes Haus zurückkehrt. "
    "Die Schauspieler überzeugen vom ersten Augenblick an, und auch die Musik bleibt im Gedächtnis. "
    "Leider verliert die Handlung nach der Hälfte an Spannung, so dass man auf die Uhr schaut. "
)
WARCS = ("sample-0000.warc.gz", "sample-0001.warc.gz")


PLAIN, COPIES, LEAKS, FOREIGN, JUNK = 440, 25, 15, 12, 8
"""500 pages that the server renders."""
EXPECTED = {
    "01-download": (505, 503, 2),
    "02-extract": (542, 537, 5),
    "03-langid": (537, 525, 12),
    "04-filter": (525, 488, 37),
    "05-fuzzy": (488, 463, 25),
    "06-decontaminate": (463, 449, 14),
    "07-tokenize": (449, 449, 0),
}
"""Documents, kept and removed, by step: addresses of the first, then documents."""


def pages(texts):
    """Texts by address."""
    found = {f"plain/{n}": text for n, text in enumerate(texts)}
    found |= {f"copy/{n}": f"{texts[n]}\nseen again by somebody else." for n in range(COPIES)}
    found |= {f"german/{n}": f"{GERMAN}{n}\n" * 4 for n in range(FOREIGN)}
    return found | {f"junk/{n}": "\n".join(f"buy {n} {k}" for k in range(30)) for n in range(JUNK)}


def reviews(count):
    """Texts of reviews, their sentences in paragraphs of five."""
    with zipfile.ZipFile(SHARED / "movie_reviews.zip") as file:
        names = sorted(name for name in file.namelist() if name.endswith(".txt") and "cv" in name)
        texts = [file.read(name).decode("utf-8", "replace") for name in names[:count]]
    for text in texts:
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        yield "\n".join(" ".join(lines[i : i + 5]) for i in range(0, len(lines), 5))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the job file, while a server has what it lists."""
    if not (SHARED / WARCS[0]).exists():
        pytest.skip("no shared texts")
    folder = tmp_path_factory.mktemp("job")
    texts = list(reviews(PLAIN + LEAKS))
    answers = {
        f"/{name}": (200, {"Content-Type": "text/html"}, html(text, title=name).encode())
        for name, text in pages(texts).items()
    }
    rendered = [name.removeprefix("/") for name in answers]
    answers["/data"] = (200, {"Content-Type": "application/json"}, b"{}")
    answers |= {
        f"/{name}": (200, {"ETag": f'"{name}"'}, (SHARED / name).read_bytes()) for name in WARCS
    }
    answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /private")
    leaked = [{"text": text.split("\n")[1]} for text in texts[PLAIN:]]
    (folder / "eval.jsonl").write_text("\n".join(map(json.dumps, leaked)), encoding="utf-8")
    with serving(answers) as made:
        names = [*rendered, "data", *WARCS, "gone", "private/x"]
        (folder / "urls.txt").write_text(
            "".join(f"{made.url}/{n}\n" for n in names), encoding="utf-8"
        )
        (folder / "job.yaml").write_text(
            "input: urls.txt\noutput: out\nallow_private: true\nper_host: 1000\nsteps:\n  - download\n"
            "  - extract: {extractor: resiliparse}\n  - langid: {keep: [en]}\n"
            "  - filter: {recipe: fineweb}\n  - fuzzy\n  - decontaminate: {against: [eval.jsonl]}\n"
            "  - tokenize: {shuffle: true, fields: [url]}\n",
            encoding="utf-8",
        )
        yield folder


@pytest.fixture(scope="module")
def done(site):
    """What the job leaves, and what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1714521600")
        code, said, told = command("run", site / "job.yaml", "--workers", "1", "--json")
        assert code == 0, told
        yield site / "out", json.loads(said.splitlines()[-1])


def documents(out, step):
    """Texts that a step leaves, by address."""
    files = sorted(Path(out, "steps", step, "data").rglob("*.jsonl"))
    rows = [json.loads(line) for f in files for line in f.read_text("utf-8").splitlines()]
    return {row["url"]: row["text"] for row in rows}


def places(out, step):
    """Pages of the server that a step leaves."""
    return {url.split("/", 3)[3] for url in documents(out, step) if "127.0.0.1" in url}


def tokens(out):
    """Bytes of the files of tokens and tables, by name."""
    return {path.name: path.read_bytes() for path in Path(out, "data").glob("part-*")}


def test_each_step_takes_what_was_planted_for_it(done):
    out, found = done
    keys, steps = ("documents", "kept", "removed"), found["steps"]
    assert {name: tuple(step[key] for key in keys) for name, step in steps.items()} == EXPECTED
    assert steps["01-download"]["reasons"] == {"robots.txt does not allow it": 1, "status 404": 1}
    left = [places(out, name) for name in [*steps][1:-1]]
    german, dropped, copies, leaks = (a - b for a, b in itertools.pairwise(left))
    assert german == {f"german/{n}" for n in range(FOREIGN)}
    assert dropped >= {f"junk/{n}" for n in range(JUNK)}
    assert copies == {f"copy/{n}" for n in range(COPIES)} - dropped
    assert leaks == {f"plain/{n}" for n in range(PLAIN, PLAIN + LEAKS)} - dropped
    assert found["alarms"] == []


def test_the_tokens_are_those_of_the_documents_that_stay(done):
    out, _ = done
    rows, made = folder_rows(out / "data"), folder_documents(out / "data")
    texts = {row["url"]: text_of(each) for row, each in zip(rows, made, strict=True)}
    assert texts == documents(out, "06-decontaminate")


def go_on_after_a_kill(job, out, step, words):
    """Kill a run when it has begun this step, and let it go on."""
    program = "from curator_text.cli import main; main()"
    line = [sys.executable, "-c", program, "run", str(job), "-o", str(out), *words]
    # It waits before its end, should the kill come late.
    gate = gate_at(out.parent / "gate", f"{out}/report.html", after=0)
    process = subprocess.Popen(line, start_new_session=True, env=gate.env)
    assert wait_for((out / f"steps/{step}/run.json").exists, 600)
    kill_group(process)
    assert not (out / "report.html").exists()
    assert subprocess.run([*line, "--resume"], check=False).returncode == 0


@pytest.mark.long
@pytest.mark.parametrize("step", ["01-download", "07-tokenize"])
def test_a_killed_run_goes_on_to_the_same_tokens(site, done, step, tmp_path):
    go_on_after_a_kill(site / "job.yaml", tmp_path / "out", step, ["--workers", "2"])
    assert tokens(tmp_path / "out") == tokens(done[0])


@pytest.mark.ray
@pytest.mark.long
def test_a_killed_run_on_ray_goes_on_to_the_same_documents(
    site, done, tmp_path, ray_cluster, monkeypatch
):
    # What follows extraction runs on Ray in test_job_files.py and its neighbours.
    monkeypatch.setenv("RAY_ADDRESS", ray_cluster.address)
    text = (site / "job.yaml").read_text(encoding="utf-8")
    text = text[: text.index("  - filter")].replace("urls.txt", str(site / "urls.txt"))
    job = tmp_path / "job.yaml"
    job.write_text(text, encoding="utf-8")
    go_on_after_a_kill(job, tmp_path / "out", "02-extract", ["--executor", "xenna"])
    assert documents(tmp_path / "out", "03-langid") == documents(done[0], "03-langid")
