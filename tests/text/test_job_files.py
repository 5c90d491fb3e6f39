"""Job files of text: from cleaning to leaks, on real reviews with planted faults, junk, copies and leaks."""

import json
import random
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from filter_toys import files_of
from stopped_runs import kill_group
from text_toys import command, edited, rows_of, sentence, table, write_jsonl

from curator_text import run_job
from curator_text.filters.recipe import load_recipe

ROOT = Path(__file__).parents[2]
REVIEWS = ROOT.parent / "shared/data/text/movie_reviews.zip"
COMMAND = str(Path(sys.executable).parent / "curator-text")
JUNK, EXACT, NEAR, PLAIN = 15, 20, 10, 120
BROKEN, FOREIGN, LEAKS = 8, 6, 5
GERMAN = (
    "Der Film erzählt die Geschichte einer Familie, die nach vielen Jahren in ihr altes Haus zurückkehrt.",
    "Die Schauspieler überzeugen vom ersten Augenblick an, und auch die Musik bleibt im Gedächtnis.",
    "Leider verliert die Handlung nach der Hälfte an Spannung, so dass man auf die Uhr schaut.",
    "Wer ruhige Bilder mag, wird trotzdem seine Freude daran haben und zufrieden nach Hause gehen.",
)
STEPS = {
    "clean": [],
    "langid": ["--keep", "en"],
    "filter": ["--recipe", "curator-en"],
    "exact": [],
    "fuzzy": ["--threshold", "0.8"],
    "decontaminate": ["--against", "eval.jsonl"],
}
REMOVED = {
    "clean": [],
    "langid": [f"german{i}" for i in range(FOREIGN)],
    "filter": [f"junk{i}" for i in range(JUNK)],
    "exact": [f"copy{i}" for i in range(EXACT)],
    "fuzzy": [f"near{i}" for i in range(NEAR)],
    "decontaminate": [f"leak{i}" for i in range(LEAKS)],
}
"""What goes at each step."""


FOLDERS = ("data", "removed", "clusters", "changes", "languages", "scores", "matches", "passages")
"""What a step writes of documents, in folders."""


def made_up(seed):
    """A text that looks like English to rules and detectors, without a meaning."""
    draw = random.Random(seed)
    common = [
        "the",
        "of",
        "and",
        "that",
        "have",
        "to",
        "with",
        "it",
        "was",
        "for",
        "on",
        "are",
        "as",
        "they",
        "at",
        "be",
        "this",
        "from",
        "by",
    ]
    parts = ["ba", "re", "ti", "lo", "mon", "der", "sa", "pli", "ce", "vor", "nu"]
    lines = []
    for _ in range(14):
        words = [
            draw.choice(common) if i % 2 else "".join(draw.choices(parts, k=draw.randint(2, 3)))
            for i in range(draw.randint(9, 16))
        ]
        lines.append(f"{' '.join(words).capitalize()}.")
    return " ".join(lines)


def texts():
    """Reviews that no rule drops and of which no two are alike; made-up ones where there are none."""
    count = PLAIN + 2 * LEAKS
    if not REVIEWS.exists():
        return [made_up(i) for i in range(count)]
    import pyarrow as pa

    with zipfile.ZipFile(REVIEWS) as file:
        names = sorted(name for name in file.namelist() if name.endswith(".txt"))[: 3 * PLAIN]
        found = list(dict.fromkeys(file.read(name).decode("utf-8", "replace") for name in names))
    recipe = load_recipe("curator-en")
    keep = recipe.judge(recipe.scores(pa.array(found))).keep
    return [text for text, stays in zip(found, keep, strict=True) if stays][:count]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    plain = texts()
    hosts, items = plain[PLAIN : PLAIN + LEAKS], plain[PLAIN + LEAKS :]
    plain = plain[:PLAIN]
    leaked = [" ".join(item.split()[20:70]) for item in items]
    write_jsonl(folder / "eval.jsonl", [{"question": item} for item in leaked])
    for i in range(30, 30 + BROKEN):
        plain[i] = f"The cafÃ© of number {i}. {plain[i]}"
    rows = [{"id": f"plain{i}", "text": text} for i, text in enumerate(plain)]
    rows += [{"id": f"copy{i}", "text": plain[i]} for i in range(EXACT)]
    rows += [{"id": f"near{i}", "text": edited(plain[50 + i], 2, i)} for i in range(NEAR)]
    rows += [{"id": f"junk{i}", "text": f"buy {i} now " * 60} for i in range(JUNK)]
    rows += [{"id": f"german{i}", "text": " ".join(GERMAN[i % 4 :] * 3)} for i in range(FOREIGN)]
    rows += [
        {"id": f"leak{i}", "text": f"{host}\n{item.upper().replace(' ', ',  ')}"}
        for i, (host, item) in enumerate(zip(hosts, leaked, strict=True))
    ]
    write_jsonl(folder / "in/a.jsonl", rows[::2])
    write_jsonl(folder / "in/deep/b.jsonl", rows[1::2])
    with (folder / "in/a.jsonl").open("a", encoding="utf-8") as file:
        file.write("{bad\n")
    text = (
        "input: in\noutput: out\nworkers: 1\nid_field: id\nsteps:\n  - clean\n  - langid: {keep: [en]}\n"
        "  - filter: {recipe: curator-en}\n  - exact\n  - fuzzy: {threshold: 0.8}\n"
        "  - decontaminate: {against: eval.jsonl}\n"
    )
    (folder / "job.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def done(source):
    """The folder of a whole run, and what it gave."""
    return source / "out", run_job(str(source / "job.yaml"))


def files(folder):
    """Contents by name, of `data/`, and what went of `removed/`."""
    data = {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder, "data").rglob("*.jsonl")}  # fmt: skip
    return data, removed(folder)


def removed(folder):
    return sorted(row["id"] for row in table(folder, "removed"))


def test_what_is_planted_goes_at_the_step_that_is_for_it(done):
    out, found = done
    steps = found["steps"]
    assert [steps[name]["removed"] for name in steps] == [*map(len, REMOVED.values())]
    for number, (name, ids) in enumerate(REMOVED.items(), 1):
        assert removed(out / f"steps/{number:02d}-{name}") == sorted(ids)
    assert sorted(row["id"] for row in rows_of(out)) == sorted(f"plain{i}" for i in range(PLAIN))


def test_broken_characters_are_repaired_on_the_way(done):
    out, _ = done
    changed = {row["id"] for row in table(out / "steps/01-clean", "changes")}
    assert changed >= {f"plain{i}" for i in range(30, 30 + BROKEN)}
    texts_by_id = {row["id"]: row["text"] for row in rows_of(out)}
    assert all(
        texts_by_id[f"plain{i}"].startswith(f"The café of number {i}.")
        for i in range(30, 30 + BROKEN)
    )


def test_every_row_of_the_input_is_accounted_for(done):
    _, found = done
    assert found["documents"] == PLAIN + sum(map(len, REMOVED.values())) + 1
    assert found["documents"] == found["kept"] + found["removed"] + found["lost_rows"]
    assert (found["lost_rows"], found["alarms"]) == (1, [])


def test_a_reason_is_told_for_what_the_rules_drop(done):
    reasons = done[1]["steps"]["03-filter"]["reasons"]
    assert sum(reasons.values()) == JUNK
    assert "filter" not in reasons


def test_each_step_alone_by_its_command_gives_the_same_files(done, source, tmp_path):
    out, _ = done
    before = source / "in"
    for number, (name, words) in enumerate(STEPS.items(), 1):
        alone = tmp_path / name
        words = [str(source / word) if word == "eval.jsonl" else word for word in words]
        line = [name, before, "-o", alone, *words, "--id-field", "id", "--workers", "1", "-q"]
        assert command(*line)[0] in (0, 3)
        assert files(alone) == files(out / f"steps/{number:02d}-{name}")
        before = alone / "data"


def test_explain_says_in_which_step_a_document_left(done):
    out, _ = done
    code, said, _ = command("explain", out, "--id", "near1")
    steps = [line.split(":")[0] for line in said.splitlines()]
    assert code == 0
    assert steps[:5] == ["01-clean", "02-langid", "03-filter", "04-exact", "05-fuzzy"]
    assert "plain51" in said
    assert said.endswith(command("explain", out / "steps/05-fuzzy", "--id", "near1")[1])


def test_a_run_that_is_killed_in_the_middle_goes_on_to_the_same_files(done, source):
    check_killed(done[0], source / "job.yaml", "exact", [])


@pytest.mark.long
@pytest.mark.parametrize("step", ["langid", "fuzzy", "decontaminate"])
def test_killed_in_any_step_it_goes_on_to_the_same_files(done, source, step):
    check_killed(done[0], source / "job.yaml", step, [])


ON_RAY = {
    "ray_actor_pool": ("clean", "decontaminate: {against: eval.jsonl}", "pii: {action: mask}"),
    "ray_data": ("langid: {keep: [en]}", "exact", "lines: {max_times: 1}"),
    "xenna": ("filter: {recipe: curator-en}", "substring: {min_bytes: 200}", "exact"),
}
"""Steps of a run on each executor; it is killed in the second one.

What a stage gives does not depend on the executor (tests/test_executors.py), so a job that runs on
one runs on all. `fuzzy`, which has stages of all kinds, runs on each (commands/test_fuzzy.py).
"""


@pytest.mark.ray
@pytest.mark.long
@pytest.mark.parametrize("executor", ON_RAY)
def test_killed_on_ray_it_goes_on_to_the_same_files(source, executor, ray_cluster, monkeypatch):
    head = "input: in\noutput: out\nid_field: id\nsteps:\n"
    job = source / f"{executor}.yaml"
    job.write_text(head + "".join(f"  - {step}\n" for step in ON_RAY[executor]), encoding="utf-8")
    whole = source / executor
    assert command("run", job, "-o", whole, "-q", "--workers", "1")[0] == 3
    monkeypatch.setenv("RAY_ADDRESS", ray_cluster.address)
    workers = "null" if executor == "ray_data" else "2"
    words = ["--executor", executor, "--set", f"workers={workers}"]
    check_killed(whole, job, ON_RAY[executor][1].partition(":")[0], words)


@pytest.fixture(scope="module")
def seconds(source):
    """How long the command takes that nobody kills."""
    line = [COMMAND, "run", source / "job.yaml", "-o", source / "unbroken", "-q"]
    started = time.perf_counter()
    subprocess.run(line, check=False)
    return time.perf_counter() - started


@pytest.mark.long
@pytest.mark.parametrize("part", [0.15, 0.3, 0.5, 0.7, 0.9])
def test_killed_at_any_moment_it_goes_on_to_the_same_files(done, source, seconds, part):
    out = source / f"killed-{part}"
    line = [COMMAND, "run", source / "job.yaml", "-o", out, "-q"]
    running = subprocess.Popen(line, start_new_session=True)
    time.sleep(seconds * part)
    kill_group(running)
    assert command(*line[1:], "--resume")[0] == 3
    assert files(out) == files(done[0])


def check_killed(whole, job, step, words):
    """Kill a run with SIGKILL when a step has begun, go on, and compare with a whole run."""
    out = job.parent / "killed"
    shutil.rmtree(out, ignore_errors=True)
    line = [COMMAND, "run", job, "-o", out, "-q", *words]
    [number] = (folder.name for folder in whole.glob(f"steps/*-{step}"))
    begun = out / "steps" / number / "run.json"
    running = subprocess.Popen(line, start_new_session=True)
    while not begun.exists() and running.poll() is None:
        time.sleep(0.002)
    kill_group(running)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "running" or running.returncode == 0
    assert command(*line[1:], "--resume")[0] == 3
    assert files(out) == files(whole)
    for each in whole.glob("steps/*"):
        assert files_of(out / "steps" / each.name, *FOLDERS) == files_of(each, *FOLDERS)


def test_a_step_that_reads_more_finds_it_beside_the_job_file(source, tmp_path):
    rows = [{"id": i, "text": f"{i} {sentence(i, 60)}"} for i in range(6)]
    write_jsonl(tmp_path / "in/a.jsonl", rows)
    (tmp_path / "eval.txt").write_text(f"{rows[2]['text']}\n", encoding="utf-8")
    head = "input: in\noutput: out\nworkers: 1\nsteps:\n  - exact\n  - decontaminate"
    job = tmp_path / "job.yaml"
    job.write_text(f"{head}\n", encoding="utf-8")
    assert "job.yaml:6: decontaminate: no evaluation sets" in command("check", job)[2]
    job.write_text(f"{head}: {{against: gone.txt}}\n", encoding="utf-8")
    assert "job.yaml:6: decontaminate.against: " in command("check", job)[2]
    job.write_text(f"{head}: {{against: eval.txt}}\n", encoding="utf-8")
    assert run_job(str(job))["steps"]["02-decontaminate"]["removed"] == 1
    assert [row["id"] for row in rows_of(tmp_path / "out")] == [0, 1, 3, 4, 5]


def test_from_python_warnings_are_logged_and_not_printed(tmp_path, capsys, caplog):
    write_jsonl(tmp_path / "a.jsonl", [{"text": f"{i % 2} same"} for i in range(60)])
    text = "input: a.jsonl\noutput: out\nworkers: 1\nsteps: [exact]\n"
    (tmp_path / "job.yaml").write_text(text, encoding="utf-8")
    found = run_job(str(tmp_path / "job.yaml"))
    assert found["alarms"] == ["exact: a.jsonl loses 58 of its 60 documents"]
    assert found["alarms"] == [record.getMessage() for record in caplog.records]
    assert capsys.readouterr() == ("", "")


def test_the_example_runs(source, tmp_path):
    shutil.copy(ROOT / "examples/job.yaml", tmp_path)
    shutil.copy(source / "in/a.jsonl", tmp_path / "reviews.jsonl")
    code, out, _ = command("run", tmp_path / "job.yaml", "--workers", "1", "-q")
    assert code == 3
    assert out.splitlines()[0].startswith("01-filter: ")
    assert (tmp_path / "curated/data/reviews.jsonl").exists()


def test_every_job_that_is_a_step_can_be_listed_and_checked(source, tmp_path):
    from curator_text.cli import JOBS

    steps = [job.name for job in JOBS if job.step]
    assert {"exact", "filter", "fuzzy", "semantic"} <= set(steps)
    found = json.loads(command("list", "--json")[1])
    assert list(found["steps"]) == steps
