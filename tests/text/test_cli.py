"""The command `curator-text`: each of its jobs asks for an input."""

import pytest

from curator_engine.commands.cli import run_app
from curator_text.cli import JOBS


# `list` shows all steps unless some are named.
@pytest.mark.parametrize(
    "job", [job for job in JOBS if job.name != "list"], ids=lambda job: job.name
)
def test_a_job_needs_an_input(job, capsys):
    assert run_app("curator-text", JOBS, version="0", argv=[job.name]) == 2
    assert job.example in capsys.readouterr().err
