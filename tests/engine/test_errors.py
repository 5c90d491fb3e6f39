"""The tree of errors and its exit codes."""

import pytest

from curator_engine import errors


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("InputError", 2),
        ("SettingsError", 2),
        ("PipelineError", 2),
        ("ResourceError", 2),
        ("StageError", 1),
        ("BudgetExceededError", 1),
        ("StorageError", 1),
        ("UnreadableFileError", 1),
        ("DamagedFileError", 1),
        ("InterruptedRunError", 130),
    ],
)
def test_an_error_has_the_documented_exit_code(name, code):
    assert getattr(errors, name)("x").exit_code == code


@pytest.mark.parametrize("name", ["SettingsError", "PipelineError", "ResourceError"])
def test_wrong_arguments_are_value_errors_too(name):
    assert issubclass(getattr(errors, name), ValueError)
