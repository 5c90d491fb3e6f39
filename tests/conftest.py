"""What all tests share."""

import os
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """An empty bucket on a local S3 server."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    import s3fs

    fs = s3fs.S3FileSystem(skip_instance_cache=True)
    fs.mkdir("bucket")
    yield "s3://bucket"
    server.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
