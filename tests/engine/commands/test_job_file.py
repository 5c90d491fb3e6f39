"""What a job file says of the input, once it is read."""

from pathlib import Path

import pytest
from toy_steps import JOBS

from curator_engine.commands.job_file import is_made_by, options_of
from curator_engine.commands.read_job_file import read_job_file
from curator_engine.errors import InputError


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in/deep").mkdir(parents=True)
    Path("in/a.jsonl").write_text("{}\n", encoding="utf-8")

    def read(text):
        Path("job.yaml").write_text(text, encoding="utf-8")
        return read_job_file("job.yaml", steps=JOBS)

    return read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("output: out\nsteps: [drop]\ninput: gone\n", "job.yaml:3: gone does not exist"),
        ("input: in/deep\noutput: out\nsteps: [drop]\n", "job.yaml:1: no files"),
        ("input: in\noutput: in/out\nsteps: [drop]\n", "job.yaml:2: the output in/out and the input in overlap"),
        ("input: in/deep/..\noutput: in/out\nsteps: [drop]\n", "job.yaml:2: the output"),
    ],
)  # fmt: skip
def test_a_wrong_input_is_said_with_its_line(job, text, message):
    with pytest.raises(InputError) as caught:
        _ = job(text).listing
    assert message in str(caught.value)


def test_a_limit_is_for_the_first_step(job):
    found = job("input: in\noutput: out\nlimit: 3\nsteps: [drop, skip]\n")
    assert [found.settings_of(step).limit for step in found.steps] == [3, None]


def test_options_of_a_step_are_those_that_are_not_the_runs(job):
    known = options_of(JOBS[0])
    assert {"word", "max_rejected_ratio"} <= set(known)
    assert not {"inputs", "output", "executor", "workers", "limit", "resume", "json"} & set(known)


def test_a_step_makes_what_two_of_its_settings_name(job):
    [step] = job("input: in\noutput: out\nsteps:\n  - drop: {against: x, save: x}\n").steps
    assert is_made_by(step.settings, "against", "x")
    assert not is_made_by(step.settings, "names", "plain")
