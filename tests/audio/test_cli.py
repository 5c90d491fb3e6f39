"""The command `curator-audio`: its jobs, and what it loads."""

import subprocess
import sys

import pytest

from curator_audio.cli import JOBS
from curator_engine.commands.cli import run_app


def test_the_help_loads_nothing_heavy():
    code = (
        "import sys; from curator_audio.cli import main; sys.argv = ['curator-audio', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*(set(sys.modules) & {'torch', 'soundfile', 'numba', 'ray', 'pyarrow'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr.split() == []


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_needs_an_input(job, capsys):
    assert run_app("curator-audio", JOBS, version="0", argv=[job.name]) == 2
    assert job.example in capsys.readouterr().err
