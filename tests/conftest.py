"""What all tests share."""

import gc
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.output_folder import take

# Speed is never asserted: a first example may compile a kernel. The same examples in every run:
# what fails, fails for everybody and at once.
hypothesis.settings.register_profile(
    "curator",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("curator")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in a job of a shell's background: children, on which tests press Ctrl-C, would ignore it as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Ray lets its workers give way to all else; beside the other processes of tests they would starve.
os.environ.setdefault("RAY_worker_niceness", "0")
# A node or a worker that is slow is not dead; one that is dead refuses the connection at once.
os.environ.setdefault("RAY_health_check_timeout_ms", "60000")
os.environ.setdefault("RAY_worker_register_timeout_seconds", "300")

EXECUTORS: dict[str, Callable[..., Any]] = {
    "in process": lambda **options: LocalExecutor(options),
    "in process, unfused": lambda **options: LocalExecutor({"fuse": False, **options}),
    "two workers": lambda **options: LocalExecutor({"workers": 2, **options}),
    "two workers, unfused": lambda **options: LocalExecutor(
        {"workers": 2, "fuse": False, **options}
    ),
}


SIGNS = {
    "ray": re.compile(r"mark\.ray|ray_executor"),
    "long": re.compile(r"mark\.long|ray_executor"),
}
"""What stands in a file of which a test has the mark; the executors on Ray bring both."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave files alone that have no test with the marks that are asked for: to import all takes long."""
    asked = config.getoption("markexpr").split(" and ")
    signs = [SIGNS[mark] for mark in asked if mark in SIGNS]
    if not signs or not collection_path.name.startswith("test_"):
        return None
    text = collection_path.read_text(encoding="utf-8")
    return True if any(sign.search(text) is None for sign in signs) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Look for no garbage while a thousand modules are imported: they stay, and each look goes through all of them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test whose marks cannot be seen in its file: it would never be run."""
    for item in items:
        for mark, sign in SIGNS.items():
            marked = item.get_closest_marker(mark) is not None
            if marked and sign.search(item.path.read_text(encoding="utf-8")) is None:
                raise pytest.UsageError(f"{item.nodeid}: write mark.{mark} in this file")


def actor_pool(**options: Any) -> Any:
    """A silent RayActorPoolExecutor."""
    from curator_engine.executors.actor_pool import RayActorPoolExecutor

    return RayActorPoolExecutor(options, show_progress=False)


def xenna(**options: Any) -> Any:
    """A XennaExecutor."""
    from curator_engine.executors.xenna import XennaExecutor

    return XennaExecutor({"cpu_allocation_percentage": 1.0, **options})


def ray_data(**options: Any) -> Any:
    """A RayDataExecutor."""
    from curator_engine.executors.ray_data import RayDataExecutor

    return RayDataExecutor(options)


RAY: dict[str, Callable[..., Any]] = {
    "actor pool": actor_pool,
    "ray data": ray_data,
    "xenna": xenna,
    "xenna batch": partial(xenna, execution_mode="batch"),
}
"""The same on Ray; they start slowly, so few runs must show much."""


@pytest.fixture(params=list(EXECUTORS))
def make_executor(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Every local executor in turn: call it with options."""
    return EXECUTORS[request.param]


def _on_ray(*soon: str) -> list[Any]:
    """The executors on Ray as parameters; those that are not named are for `make test-long`."""
    return [
        pytest.param(name, marks=[pytest.mark.ray, *([] if name in soon else [pytest.mark.long])])
        for name in RAY
    ]


@pytest.fixture(params=_on_ray("actor pool"))
def make_ray_executor(request: pytest.FixtureRequest, ray_cluster: None) -> Callable[..., Any]:
    """Every executor on Ray in turn: call it with options."""
    return RAY[request.param]


@pytest.fixture(params=_on_ray("actor pool")[:3])
def ray_executor_of_app(request: pytest.FixtureRequest, ray_cluster: None) -> Callable[..., Any]:
    """The same for an app, without Xenna's second mode: it hands the same batches to the same workers."""
    return RAY[request.param]


@pytest.fixture(params=_on_ray("actor pool", "xenna"))
def try_ray_executor(request: pytest.FixtureRequest, ray_cluster: None) -> Callable[..., Any]:
    """The same, for the one test that `make test` runs with more of them.

    Xenna's second mode shares its adapter with the first; Ray Data has tests of its own there
    (`engine/executors/test_ray_data.py`), as Xenna has.
    """
    return RAY[request.param]


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    """A cluster of two nodes with two logical CPUs each, in a session that all tests borrow."""
    import ray
    from ray.cluster_utils import Cluster

    os.environ["RAY_ENABLE_UV_RUN_RUNTIME_ENV"] = "0"
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    # Workers import the tests' stages.
    paths = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    # Measured, a worker takes twice as long to start, and most are killed before they could report.
    measure = os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    arguments = {"num_cpus": 2, "include_dashboard": False, "object_store_memory": 200 << 20}
    # Nobody reads the workers' logs, and nothing scales this cluster.
    silent = {"include_log_monitor": False, "no_monitor": True}
    cluster = Cluster(initialize_head=True, head_node_args={**arguments, **silent})
    cluster.add_node(num_cpus=2, object_store_memory=200 << 20)
    ray.init(address=cluster.address, log_to_driver=False, logging_level=40)
    yield cluster
    ray.shutdown()
    cluster.shutdown()
    if measure is not None:
        os.environ["COVERAGE_PROCESS_CONFIG"] = measure


@pytest.fixture
def tmp(tmp_path: Any) -> str:
    """A fresh folder as text."""
    return str(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Any) -> Iterator[str]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield str(place)
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def ours(tmp: str) -> Iterator[str]:
    """A fresh folder as text, which is ours: what the test writes there may be removed."""
    with take(tmp, job="test", mode="share"):
        yield tmp


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


@pytest.fixture(scope="session")
def browser():
    """Chromium, installed from Debian where root allows."""
    if shutil.which("chromium") is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            pytest.skip("no chromium on the PATH, and no right to install it with apt-get")
        install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (install, ["apt-get", "update"], install):
            done = subprocess.run(words, capture_output=True, env=environment, check=False)
            if words is install and done.returncode == 0:
                break
        else:
            pytest.skip("no chromium on the PATH, and apt-get cannot install it here")

    def dump(path, profile):
        """The page as Chromium has it after all scripts have run."""
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        # In a container there is little of shared memory, and a browser that runs out of it dies.
        words += ["--disable-dev-shm-usage"]
        # A page that looks into another in a frame, as on a telephone, is ours too.
        words += ["--allow-file-access-from-files"]
        words += [f"--user-data-dir={profile}", path.as_uri()]
        done = subprocess.run(words, capture_output=True, timeout=600, check=True)
        return done.stdout.decode()

    return dump


@pytest.fixture(scope="session")
def classifiers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of a tiny classifier of each kind, made once: to load transformers takes seconds."""
    from tiny_classifiers import write_label_model, write_prompt_model, write_sequence_model

    folder = tmp_path_factory.mktemp("classifiers")
    return {
        "labels": write_label_model(folder / "labels"),
        "prompt": write_prompt_model(folder / "prompt"),
        "score": write_sequence_model(folder / "score"),
        "other": write_sequence_model(folder / "other", labels=3),
    }


@pytest.fixture(scope="session")
def guards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of tiny guards: an adapter of Llama Guard, and a head on it."""
    from tiny_guards import write_guards

    return write_guards(tmp_path_factory.mktemp("guards") / "made")
