"""A Ray head for as long as a script wants it."""

import os
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.on_ray.ray_client import RayClient

OPTIONS = "num_cpus=1, include_dashboard=False, object_store_memory=100 << 20"


@pytest.fixture
def listening():
    """A port at which somebody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_that_was_asked_for_is_an_error_and_nothing_starts(listening, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    client = RayClient(ray_port=listening)
    with pytest.raises(ResourceError, match=f"port {listening} is taken; choose another"):
        client.start()
    assert client.ray_process is None


def test_a_cluster_that_is_there_is_used_and_left(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    with RayClient() as client:
        assert client.ray_process is None
    assert os.environ["RAY_ADDRESS"] == "10.0.0.1:6379"


def test_stopping_what_never_started_does_nothing(monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    RayClient().stop()
    assert os.environ["RAY_ADDRESS"] == "10.0.0.1:6379"


def test_a_capture_file_that_is_there_is_refused(tmp_path):
    (tmp_path / "log").write_text("mine", encoding="utf-8")
    with pytest.raises(SettingsError, match="is there already"):
        RayClient(ray_stdouterr_capture_file=str(tmp_path / "log"))


def test_the_head_and_its_dashboard_are_asked_to_listen_on_the_loopback():
    words = RayClient()._command()
    assert "--node-ip-address=127.0.0.2" in words
    assert "--dashboard-host=127.0.0.1" in words


def in_a_process(code):
    """What a script prints, without a cluster around it."""
    env = {k: v for k, v in os.environ.items() if k != "RAY_ADDRESS"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.ray
@pytest.mark.slow
def test_a_head_is_borrowed_by_executors_and_ends_with_all_its_processes():
    lines = in_a_process(f"""
        import os
        from curator_engine.on_ray.ray_client import RayClient
        from curator_engine.on_ray.session import cluster_nodes, descendants, ray_session
        with RayClient({OPTIONS}) as client:
            first = client.ray_process
            client.start()
            print(client.ray_process is first, os.environ["RAY_ADDRESS"] == f"127.0.0.2:{{client.ray_port}}")
            with ray_session():
                print([node.cpus for node in cluster_nodes()])
            started = descendants([first.pid])
        print(len(started) > 3, [pid for pid in started if os.path.exists(f"/proc/{{pid}}")])
        print("RAY_ADDRESS" in os.environ)
    """)
    assert lines == ["True True", "[1.0]", "True []", "False"]


@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.long
def test_a_script_that_forgets_to_stop_leaves_nothing():
    (pid,) = in_a_process(f"""
        from curator_engine.on_ray.ray_client import RayClient
        client = RayClient({OPTIONS})
        client.start()
        print(client.ray_process.pid)
    """)
    assert not Path("/proc", pid).exists()
