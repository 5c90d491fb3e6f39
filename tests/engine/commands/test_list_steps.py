"""`list`: what a job file may name."""

import json

import pytest
from toy_steps import JOBS

from curator_engine.commands.cli import run_app


@pytest.fixture
def listed(capsys):
    def run(*words):
        code = run_app("lines", JOBS, version="0.1.0", argv=["list", *words])
        return code, *capsys.readouterr()

    return run


def test_each_step_has_its_options_and_their_defaults(listed):
    lines = listed()[1].splitlines()
    assert lines[:4] == ["steps:", "  drop: Drop lines.", "    word: unset", "    most: 1.0"]
    assert "  skip: Drop lines." in lines


def test_named_steps_alone_are_shown_and_an_unknown_one_is_an_error(listed):
    assert "drop" not in listed("skip")[1]
    code, _, err = listed("skp")
    assert (code, "no step or recipe 'skp'; did you mean 'skip'?" in err) == (2, True)


def test_a_program_can_read_it(listed):
    found = json.loads(listed("--json")[1])
    assert found["steps"]["drop"]["settings"]["how"] == '"any"'
