"""Ports at which nobody listens."""

import socket

import pytest

from curator_engine.errors import ResourceError
from curator_engine.ports import HERE, free_port


@pytest.fixture
def listening():
    """A port at which somebody listens."""
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_passed_over(listening):
    assert free_port(listening, search=True) > listening


def test_a_port_that_is_meant_for_something_else_is_passed_over(listening):
    first = free_port(listening, search=True)
    assert free_port(first, search=True, but={first}) > first


def test_a_taken_port_that_was_asked_for_is_an_error(listening):
    with pytest.raises(ResourceError, match=f"port {listening} is taken; choose another"):
        free_port(listening, search=False)
