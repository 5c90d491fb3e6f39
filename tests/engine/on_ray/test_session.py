"""Ray sessions: borrowed ones live on, our own leave nothing behind."""

import subprocess
import sys

import pytest

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.on_ray.session import cluster_nodes, ray_session

ALONE = """
import psutil, ray
from curator_engine.on_ray.session import ray_session
with ray_session(variables={"CURATOR_TEST": "1"}):
    assert ray.is_initialized()
assert not ray.is_initialized()
print([p.name() for p in psutil.Process().children(recursive=True)])
"""


def run_alone(code, **variables):
    import os

    env = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")} | variables
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env=env, timeout=600
    )


@pytest.mark.ray
@pytest.mark.slow
def test_our_own_session_leaves_no_process_behind():
    done = run_alone(ALONE)
    assert done.stdout.decode().strip().splitlines()[-1] == "[]", done.stderr.decode()


@pytest.mark.ray
@pytest.mark.slow
def test_our_own_session_ends_none_of_the_user_s_processes():
    code = (
        "import subprocess\n"
        "from curator_engine.on_ray.session import ray_session\n"
        "first = subprocess.Popen(['sleep', '60'])\n"
        "with ray_session():\n"
        "    second = subprocess.Popen(['sleep', '60'])\n"
        "print(first.poll(), second.poll())\n"
        "first.kill(), second.kill()\n"
    )
    done = run_alone(code)
    assert done.stdout.decode().splitlines()[-1:] == ["None None"], done.stderr.decode()


@pytest.mark.ray
def test_a_borrowed_session_lives_on(ray_cluster):
    import ray

    with ray_session():
        pass
    assert ray.is_initialized()


@pytest.mark.ray
def test_the_nodes_are_told_head_first(ray_cluster):
    nodes = cluster_nodes()
    assert [(node.is_head, node.cpus) for node in nodes] == [(True, 2.0), (False, 2.0)]


@pytest.mark.parametrize(
    ("address", "error", "message"),
    [
        ("ray://127.0.0.1:10001", SettingsError, "is a Ray Client address"),
        ("127.0.0.1:1", ResourceError, "the Ray cluster at 127.0.0.1:1 cannot be reached"),
    ],
)
def test_an_address_that_does_not_work_is_one_line(address, error, message):
    code = (
        "from curator_engine.errors import CuratorError\n"
        "from curator_engine.on_ray.session import ray_session\n"
        "try:\n"
        "    with ray_session(): pass\n"
        "except CuratorError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = run_alone(code, RAY_ADDRESS=address)
    line = done.stdout.decode().strip()
    assert line.startswith(error.__name__), done.stderr.decode()[-500:]
    assert message in line
    assert "\n" not in line
