"""What all tests share."""

from collections.abc import Callable
from typing import Any

import pytest

from curator_engine.executors.local import LocalExecutor

EXECUTORS: dict[str, Callable[..., Any]] = {
    "in process": lambda **options: LocalExecutor(options),
    "in process, unfused": lambda **options: LocalExecutor({"fuse": False, **options}),
    "two workers": lambda **options: LocalExecutor({"workers": 2, **options}),
    "two workers, unfused": lambda **options: LocalExecutor(
        {"workers": 2, "fuse": False, **options}
    ),
}
"""Executors by what they are called in a test's name; each takes options."""


@pytest.fixture(params=list(EXECUTORS))
def make_executor(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Every executor in turn: call it with options."""
    return EXECUTORS[request.param]


@pytest.fixture
def tmp(tmp_path: Any) -> str:
    """A fresh folder as text."""
    return str(tmp_path)
