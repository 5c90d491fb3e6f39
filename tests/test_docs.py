"""The documentation is true: its Python runs, its commands exist."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from filter_toys import files_of

from curator_audio.cli import JOBS as AUDIO_JOBS
from curator_engine.commands.cli import run_app
from curator_image.cli import JOBS as IMAGE_JOBS
from curator_text.cli import JOBS as TEXT_JOBS
from curator_video.cli import JOBS as VIDEO_JOBS

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("apps/*/README.md")),
    *sorted(ROOT.glob("docs/*.md")),
]


JOBS = [
    (app, job)
    for app, jobs in (
        ("curator-text", TEXT_JOBS),
        ("curator-video", VIDEO_JOBS),
        ("curator-image", IMAGE_JOBS),
        ("curator-audio", AUDIO_JOBS),
    )
    for job in jobs
]


def blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: p.name)
def test_the_python_of_a_page_runs(page, tmp_path):
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks(page)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize(("app", "job"), JOBS, ids=[f"{app} {job.name}" for app, job in JOBS])
def test_every_command_is_in_the_reference(app, job):
    assert f"## {app} {job.name}\n" in (ROOT / "docs/cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("app", "job"), JOBS, ids=[f"{app} {job.name}" for app, job in JOBS])
def test_every_command_shows_its_help(app, job, capsys):
    jobs = {
        "curator-text": TEXT_JOBS,
        "curator-video": VIDEO_JOBS,
        "curator-image": IMAGE_JOBS,
        "curator-audio": AUDIO_JOBS,
    }[app]
    assert run_app(app, jobs, version="1", argv=[job.name, "--help"]) == 0
    assert job.example in capsys.readouterr().out


def spoken():
    """Every text of the source, with a mark where a value is put in."""
    for path in [p for root in ("packages", "apps") for p in (ROOT / root).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [n.value if isinstance(n, ast.Constant) else "\0" for n in node.values]
                yield "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_message_that_is_explained_is_one_that_is_given():
    page = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    # Those in the first cells of tables, and whole sentences of ours elsewhere.
    first = re.findall(r"^\| (`.+?) \| ", page, re.MULTILINE)
    quoted = [message for cell in first for message in re.findall(r"`([^`]+)`", cell)]
    quoted += re.findall(r"`((?:unexpected|interrupted|terminated)\W[^`]+)`", page)
    messages = [message for message in quoted if " " in message]
    texts = list(spoken())
    assert len(messages) > 50
    missing: list[str] = []
    for message in messages:
        parts = [part.strip() for part in message.split("...") if part.strip(" .;,:()")]
        found = any(all(part in text for part in parts) for text in texts)
        missing += [] if found else [message]
    assert missing == []


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.long
def test_the_scripts_for_slurm_leave_what_one_run_leaves(tmp_path):
    page = (ROOT / "docs/slurm.md").read_text(encoding="utf-8")
    array, merge = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    (tmp_path / "corpus").mkdir()
    for i in range(3):
        row = json.dumps({"text": f"Number {i}. " + 60 * "some words "})
        (tmp_path / f"corpus/{i}.jsonl").write_text(
            f"{row}\n{{broken\n" if i else row, encoding="utf-8"
        )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def sh(script, **environment):
        given = {**os.environ, "PATH": path, **environment}
        subprocess.run(["bash", "-c", script], cwd=tmp_path, env=given, check=True, timeout=600)

    array = array.replace("SHARDS=16", "SHARDS=2").replace(
        "corpus/ ", "corpus/ --max-rejected-ratio 0.9 "
    )
    for task in (0, 1, 1):
        sh(array, SLURM_ARRAY_TASK_ID=str(task))
    sh(merge)
    sh("curator-text filter corpus/ -o one --max-rejected-ratio 0.9 || test $? -eq 3")
    assert files_of(tmp_path / "filtered", "removed", "scores") == files_of(
        tmp_path / "one", "removed", "scores"
    )
