"""The command line of an app: options, errors in one line, exit codes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from toy_job import ToySettings

from curator_engine.commands.cli import Console, free_disk_bytes, run_app, take_output
from curator_engine.commands.settings import CommonSettings, Job
from curator_engine.errors import InputError
from curator_engine.files.storage import write_atomic

QUIET = Console(quiet=True)
JOB = Job(
    name="toy",
    settings=ToySettings,
    run="toy_job:run",
    help="Do nothing.",
    example="app toy x -o y",
)


@pytest.fixture
def app(capsys):
    """Run the app; gives exit code, standard output, standard error."""

    def run(*words):
        code = run_app("app", [JOB], version="1.2", argv=list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.mark.slow
def test_the_exit_code_is_what_was_decided_whatever_is_still_alive():
    code = (
        "import atexit, threading, time\n"
        "from curator_engine.commands.cli import leave\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "atexit.register(print, 'handled')\n"
        "print('done')\n"
        "leave(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout.split()) == (3, [b"done", b"handled"])


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(13, "Permission denied", "/x"), "Permission denied: /x; mend that"),
        (OSError(24, "Too many open files", "/x"), "Too many open files at /x; raise the limit"),
        (ConnectionResetError(104, "reset"), "no connection .*; check the network"),
    ],
)
def test_an_error_of_the_environment_is_no_unexpected_one(error, line, capsys, monkeypatch):
    def fail(*_):
        raise error

    monkeypatch.setattr("toy_job.run", fail)
    assert run_app("app", [JOB], version="1", argv=["toy", "in", "-o", "out"]) == 1
    said = capsys.readouterr().err
    assert re.match(f"app toy: {line}.* run again with --resume", said)


def test_a_job_prints_its_lines(app):
    assert app("toy", "in", "-o", "out") == (0, "factor 1.5\n", "begun\n")


def test_json_is_one_object_on_standard_output(app):
    code, out, _ = app("toy", "in", "-o", "out", "--json", "--factor", "2")
    assert (code, json.loads(out)) == (0, {"factor": 2.0})


def test_quiet_says_less(app):
    assert app("toy", "in", "-o", "out", "-q")[2] == ""


@pytest.mark.parametrize(
    ("how", "code", "line"),
    [
        ("badly", 2, "app toy: the input is bad; mend it."),
        (
            "full",
            1,
            "app toy: disk full while writing /out/part; free space and run again with --resume.",
        ),
        (
            "strangely",
            1,
            "app toy: unexpected KeyError: 'surprise'. Run again with -v for the traceback.",
        ),
        ("interrupted", 130, "app toy: interrupted; run again with --resume to go on."),
        ("terminated", 130, "app toy: terminated."),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(app, how, code, line):
    got, _, err = app("toy", "in", "-o", "out", "--how", how)
    assert (got, err.splitlines()[1:]) == (code, [line])


def test_verbose_shows_the_traceback(app):
    assert "Traceback" in app("toy", "in", "-o", "out", "--how", "strangely", "-v")[2]


def test_a_partly_done_job_ends_with_three(app):
    assert app("toy", "in", "-o", "out", "--how", "partly")[0] == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["toy", "in", "-o", "out", "--facter", "2"], "--factor"),
        (["tyo"], "toy"),
        (["toy", "in", "-o", "out", "--factor", "much"], "much"),
        (["toy", "-o", "out"], "no input"),
        (["toy", "in"], "no output folder; give one with -o OUT"),
        (["toy", "in", "-o", "out", "--resume", "--overwrite"], "exclude each other"),
        (["toy", "in", "-o", "out", "--config", "gone.yaml"], "gone.yaml cannot be read"),
        (["run"], "run needs a YAML file"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_two(app, words, message):
    code, out, err = app(*words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert message in err


def test_the_command_line_wins_over_the_file(app, tmp):
    Path(tmp, "job.yaml").write_text("factor: 7\noutput: out\n", encoding="utf-8")
    assert app("toy", "in", "--config", f"{tmp}/job.yaml")[1] == "factor 7.0\n"
    assert app("toy", "in", "--config", f"{tmp}/job.yaml", "--factor", "1.5")[1] == "factor 1.5\n"


def test_a_file_can_name_the_job(app, tmp):
    Path(tmp, "job.yaml").write_text("job: toy\ninputs: in\noutput: out\n", encoding="utf-8")
    assert app("run", f"{tmp}/job.yaml", "--factor", "3")[1] == "factor 3.0\n"


def test_an_unknown_key_of_a_file_is_an_error(app, tmp):
    Path(tmp, "job.yaml").write_text("facter: 7\n", encoding="utf-8")
    code, _, err = app("toy", "in", "-o", "out", f"--config={tmp}/job.yaml")
    assert code == 2
    assert "job.yaml:1; did you mean 'factor'?" in err


def test_printed_settings_run_the_same_job(app, tmp):
    _, out, _ = app("toy", "in", "-o", "out", "--factor", "9", "--print-config")
    Path(tmp, "job.yaml").write_text(out, encoding="utf-8")
    assert app("run", f"{tmp}/job.yaml")[1] == "factor 9.0\n"


def test_the_version_is_printed(app):
    assert app("--version")[1] == "1.2\n"


def taken(out, console=QUIET, *, inputs=(), **options):
    settings = CommonSettings(inputs=list(inputs), output=out, **options)
    with take_output(settings, console, job="job", version="1.2", inputs=inputs) as folder:
        write_atomic(f"{out}/run.json", b"{}")
    return folder


def test_an_empty_output_is_fine(tmp):
    assert taken(f"{tmp}/new").is_new


def test_a_full_output_needs_a_word(tmp):
    taken(tmp)
    with pytest.raises(
        InputError, match=r"is not empty; use --resume to go on, --overwrite to replace it"
    ):
        taken(tmp)
    assert not taken(tmp, resume=True).is_new
    assert not taken(tmp, overwrite=True).is_new


def test_input_and_output_must_not_overlap(tmp):
    Path(tmp, "a").mkdir()
    with pytest.raises(InputError, match="overlap"):
        taken(f"{tmp}/a/out", inputs=[f"{tmp}/a"], overwrite=True)


def test_what_stays_is_said(tmp, capsys):
    taken(tmp)
    Path(tmp, "theirs").touch()
    taken(tmp, Console(), overwrite=True)
    assert "were not made by us and stay" in capsys.readouterr().err


def test_free_space_is_known_before_the_folder_is_there(tmp):
    assert (free_disk_bytes(f"{tmp}/a/b") or 0) > 0
    assert free_disk_bytes("s3://bucket/x") is None


def test_a_console_warns_even_if_quiet(capsys):
    Console(quiet=True).warn("careful")
    assert capsys.readouterr().err == "warning: careful\n"
    assert Console(quiet=True).progress() is None
