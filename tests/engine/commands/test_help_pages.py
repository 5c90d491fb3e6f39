"""Help pages: short, whole, and as Markdown; all from the settings."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import pytest

from curator_engine.commands.cli import run_app
from curator_engine.commands.help_pages import (
    app_help,
    asked_help,
    cli_reference,
    short_help,
    whole_help,
)
from curator_engine.commands.settings import CommonSettings, Flag, Group, Job, describe_fields
from curator_image.cli import JOBS as IMAGE_JOBS
from curator_text.cli import JOBS as TEXT_JOBS
from curator_video.cli import JOBS as VIDEO_JOBS

type Taste = Literal["sweet", "sour"]


@dataclass(frozen=True, kw_only=True)
class ToySettings(CommonSettings):
    """Settings of a toy."""

    takes: ClassVar[str] = "TOY..."
    """Toys to play with."""
    factor: float | Literal["auto"] = 1.5
    """A number."""
    taste: Taste = "sour"
    """How it tastes."""
    most: Annotated[int, Group.LIMITS] = 3
    """Most of them."""
    dry: Annotated[Flag, Group.MODELS] = False
    """A switch."""
    wet: Annotated[bool, Group.MODELS] = True
    """A switch that is on."""


JOB = Job(
    name="toy", settings=ToySettings, run="a:b", help="Play.", example="app toy x -o y", first=("dry",)
)  # fmt: skip
JOBS = [
    (app, job)
    for app, jobs in (("curator-text", TEXT_JOBS), ("curator-video", VIDEO_JOBS))
    for job in jobs
]
every_command = pytest.mark.parametrize(
    ("app", "job"), JOBS, ids=[f"{app} {job.name}" for app, job in JOBS]
)


@pytest.fixture(autouse=True)
def columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@every_command
def test_the_short_help_fits_a_screen(app, job):
    assert len(short_help(app, job).splitlines()) <= 25


@every_command
def test_the_short_help_shows_five_options_and_the_way_to_the_rest(app, job):
    page = short_help(app, job)
    assert sum(line.startswith("  -") for line in page.splitlines()) == 5
    assert job.example in page
    assert f"{app} {job.name} --help shows all" in page


@every_command
def test_the_whole_help_lists_every_option_and_says_what_it_does(app, job):
    page = " ".join(whole_help(app, job).split())
    for option in describe_fields(job.settings):
        assert option.help
        assert ", ".join(option.flags) in page
        assert option.help in page


@every_command
def test_every_option_stands_in_one_group(app, job):
    sections = whole_help(app, job).split("\n\n")
    titles = {f"{group.value}:" for group in Group}
    grouped = [s for s in sections if s.splitlines()[0] in titles]
    rows = [line for s in grouped for line in s.splitlines() if line.startswith("  -")]
    flags = [", ".join(o.flags) for o in describe_fields(job.settings) if o.name != "inputs"]
    assert len(rows) == len(flags)
    assert all(any(row[2:].startswith(flag) for row in rows) for flag in flags)


@every_command
def test_what_all_commands_take_is_in_the_same_groups_of_each(app, job):
    groups = {option.name: option.group for option in describe_fields(job.settings)}
    assert {groups["inputs"], groups["json"]} == {Group.FILES, Group.RUNNING}


def test_an_option_says_its_values_and_its_default():
    page = " ".join(whole_help("app", JOB).split())
    assert "--factor X|auto A number. [default: 1.5]" in page
    assert "--taste WHICH How it tastes. One of sweet, sour. [default: sour]" in page
    assert "Limits: --most N Most of them. [default: 3]" in page
    assert "--dry A switch. --wet, --no-wet A switch that is on. [default: true]" in page


def test_a_command_says_what_it_takes():
    assert "usage: app toy TOY... -o OUT [options]" in short_help("app", JOB)
    assert "TOY... Toys to play with." in " ".join(short_help("app", JOB).split())


def test_the_job_names_what_people_use_first():
    options = [line for line in short_help("app", JOB).splitlines() if line.startswith("  -")]
    assert [line.split()[0] for line in options] == ["--dry"]


def test_the_reference_lists_every_option_by_groups():
    page = cli_reference("app", [JOB])
    assert '| `--taste` | sweet \\| sour | `"sour"` | How it tastes. |' in page
    assert "| `-o`, `--output` |" in page
    assert "**Limits**\n\n| option | type | default | |\n|---|---|---|---|\n| `--most` |" in page


def test_the_help_of_an_app_names_its_commands():
    page = app_help("app", [JOB])
    assert "  toy                       Play.\n" in page
    assert "run JOB.yaml" in page


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ([], app_help("app", [JOB])),
        (["-h"], app_help("app", [JOB])),
        (["run", "--help"], app_help("app", [JOB])),
        (["toy", "-h"], short_help("app", JOB)),
        (["toy", "--factor", "2", "--help"], whole_help("app", JOB)),
        (["toy", "--", "-h"], None),
        (["toy", "x"], None),
        (["tyo", "-h"], None),
    ],
)
def test_help_is_given_where_it_is_asked_for(words, page):
    assert asked_help("app", [JOB], words) == page


@pytest.mark.parametrize("words", [["-h"], ["toy", "-h"], ["toy", "--help"], ["run", "-h"]])
def test_help_goes_to_standard_output_and_the_exit_code_is_zero(words, capsys):
    assert run_app("app", [JOB], version="1", argv=words) == 0
    out, err = capsys.readouterr()
    assert out.startswith(("usage: app", "Play."))
    assert err == ""


@pytest.mark.parametrize(("app", "job", "option"), [
    ("curator-text", "fuzzy", "-o, --output FOLDER"), ("curator-text", "fuzzy", "--memory SIZE"),
    ("curator-video", "split", "--scratch FOLDER"), ("curator-video", "shots", "-o, --output FOLDER"),
    ("curator-video", "shard", "--max-size SIZE"), ("curator-text", "exact", "--config FILE"),
])  # fmt: skip
def test_folders_files_and_sizes_are_called_so(app, job, option):
    jobs = {"curator-text": TEXT_JOBS, "curator-video": VIDEO_JOBS}[app]
    assert option in whole_help(app, next(each for each in jobs if each.name == job))


def test_a_choice_may_be_called_as_a_kind_of_value():
    job = next(job for job in IMAGE_JOBS if job.name == "curate")
    page = " ".join(whole_help("curator-image", job).split())
    assert "--output-format WHICH" in page
    assert "One of as-input, webdataset, image-writer, parquet, folder, none." in page
