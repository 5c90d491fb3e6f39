"""The command `curator-video`: its jobs, and what it loads."""

import subprocess
import sys
from pathlib import Path

import pytest

from curator_engine.commands.cli import run_app
from curator_video.cli import JOBS


def test_the_help_loads_nothing_heavy():
    code = (
        "import sys; from curator_video.cli import main; sys.argv = ['curator-video', '--help']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*(set(sys.modules) & {'torch', 'transformers', 'av', 'vllm', 'ray'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr.split() == []


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_a_job_needs_an_input(job, capsys):
    assert run_app("curator-video", JOBS, version="0", argv=[job.name]) == 2
    assert job.example in capsys.readouterr().err


def test_the_command_is_installed():
    program = Path(sys.executable).parent / "curator-video"
    done = subprocess.run([str(program), "--version"], capture_output=True, check=True)
    assert done.stdout.split()
