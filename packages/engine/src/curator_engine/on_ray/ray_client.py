"""A Ray cluster of one's own on this machine, for as long as a script wants it: NeMo Curator's `RayClient`.

Executors need none: they start Ray themselves, or borrow a session (`session.py`). A script that has a
client gets a head here, whose address they find in RAY_ADDRESS, and which only this client ends.
"""

import atexit
import logging
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import ray
from ray._private.authentication.authentication_token_setup import (
    enable_token_auth_by_default,
    ensure_token_if_auth_enabled,
)

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.on_ray.session import descendants, wait_for_end
from curator_engine.ports import free_port
from curator_engine.positional import positional

_ADDRESS = "RAY_ADDRESS"
_HERE = "127.0.0.2"
"""Ray takes 127.0.0.1 for the address by which other machines reach this one; this it takes as it is."""
_PORT, _DASHBOARD_PORT, _CLIENT_PORT, _METRICS_PORT = 6379, 8265, 10001, 8080
"""Defaults, from which the next free one is taken."""
_WORKER_PORTS = range(10002, 20000)
"""Ray gives these to workers."""
_START_S = 60.0
"""Time that the head gets to answer."""

_log = logging.getLogger(__name__)


@positional(
    "ray_port",
    "ray_dashboard_port",
    "ray_client_server_port",
    "ray_temp_dir",
    "include_dashboard",
    "ray_metrics_port",
    "ray_dashboard_host",
    "num_gpus",
    "num_cpus",
    "object_store_memory",
    "enable_object_spilling",
    "ray_stdouterr_capture_file",
    "metrics_dir",
)
@dataclass(kw_only=True)
class RayClient:
    """Start a Ray head on this machine, and end it with all that it has started.

    Where Ray runs already, in this process or by RAY_ADDRESS, that is used, and left as it is. The head's
    address is a loopback one, and it takes only requests with this user's token (`~/.ray/auth_token`), unless
    RAY_AUTH_MODE says otherwise: Ray opens some ports on all addresses of a machine.

    Example:
        >>> with RayClient(num_cpus=4):
        ...     pipeline.run()
    """

    ray_port: int = _PORT
    """Port of the head; if it is the default and taken, the next free one, as for all ports here."""
    ray_dashboard_port: int = _DASHBOARD_PORT
    """Port of the dashboard."""
    ray_client_server_port: int = _CLIENT_PORT
    """Port for Ray Client."""
    ray_temp_dir: str = "/tmp/ray"
    """Folder for logs and sockets."""
    include_dashboard: bool = True
    """Start the dashboard."""
    ray_metrics_port: int = _METRICS_PORT
    """Port at which the node shows its numbers to Prometheus."""
    ray_dashboard_host: str = "127.0.0.1"
    """Address at which the dashboard listens: another than the loopback's is open to all who reach it."""
    num_gpus: int | None = None
    """GPUs; those that there are unless given."""
    num_cpus: int | None = None
    """CPUs; those that there are unless given."""
    object_store_memory: int | None = None
    """Bytes of the object store; Ray's choice unless given."""
    enable_object_spilling: bool = False
    """Accepted: Ray writes objects to disk where memory is short, whatever is said here."""
    ray_stdouterr_capture_file: str | None = None
    """File for what the head prints, which must not exist; nowhere unless given."""
    metrics_dir: str | None = None
    """Accepted: no Prometheus or Grafana is looked for; see `ray_metrics_port`."""

    ray_process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    """The head, if this client has started it."""

    def __post_init__(self) -> None:
        file = self.ray_stdouterr_capture_file
        if file and Path(file).exists():
            raise SettingsError(f"{file} is there already; choose another capture file.")

    def start(self) -> None:
        """Start the head, unless Ray runs already.

        Raises:
            ResourceError: A port that was asked for is taken, or the head does not answer.
        """
        if self.ray_process is not None:
            return
        if ray.is_initialized() or os.environ.get(_ADDRESS):
            _log.info("Ray runs already; nothing is started.")
            return
        self._choose_ports()
        # As `ray.init` does for a cluster of its own; `ray start` asks for a token only if there is one.
        enable_token_auth_by_default()
        ensure_token_if_auth_enabled()
        with ExitStack() as stack:
            file = self.ray_stdouterr_capture_file
            out = stack.enter_context(Path(file).open("wb")) if file else subprocess.DEVNULL
            self.ray_process = subprocess.Popen(
                self._command(), stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )
        atexit.register(self.stop)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        os.environ[_ADDRESS] = self._address

    def stop(self) -> None:
        """End the head that this client has started, and all its processes; nothing else."""
        head, self.ray_process = self.ray_process, None
        if head is None:
            return
        atexit.unregister(self.stop)
        processes = descendants([head.pid])
        # What is still connected to the head would wait for it.
        if os.environ.get(_ADDRESS) == self._address:
            del os.environ[_ADDRESS]
            if ray.is_initialized():
                ray.shutdown()
        processes |= descendants([head.pid])
        head.terminate()
        with suppress(subprocess.TimeoutExpired):
            head.wait(timeout=10)
        wait_for_end(processes)
        head.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _address(self) -> str:
        return f"{_HERE}:{self.ray_port}"

    def _choose_ports(self) -> None:
        taken = set[int]()
        for name, default in {
            "ray_port": _PORT,
            "ray_dashboard_port": _DASHBOARD_PORT,
            "ray_client_server_port": _CLIENT_PORT,
            "ray_metrics_port": _METRICS_PORT,
        }.items():
            asked = getattr(self, name)
            port = free_port(
                asked,
                search=asked == default,
                but=(*taken, *(_WORKER_PORTS if asked == default else ())),
                host=_HERE,
            )
            taken.add(port)
            setattr(self, name, port)

    def _command(self) -> list[str]:
        options = {
            "--node-ip-address": _HERE,
            "--port": self.ray_port,
            "--include-dashboard": self.include_dashboard,
            "--dashboard-host": self.ray_dashboard_host,
            "--dashboard-port": self.ray_dashboard_port,
            "--ray-client-server-port": self.ray_client_server_port,
            "--metrics-export-port": self.ray_metrics_port,
            "--temp-dir": str(Path(self.ray_temp_dir).absolute()),
            "--num-cpus": self.num_cpus,
            "--num-gpus": self.num_gpus,
            "--object-store-memory": self.object_store_memory,
        }
        words = [f"{name}={value}" for name, value in options.items() if value is not None]
        start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
        return [*start, "--disable-usage-stats", *words]

    def _wait(self) -> None:
        """Wait until the head answers."""
        deadline = time.monotonic() + _START_S
        head = self.ray_process
        hint = f"see {self.ray_stdouterr_capture_file or 'ray_stdouterr_capture_file='}"
        while head is not None:
            if head.poll() is not None:
                raise ResourceError(f"Ray's head ended at once (exit {head.returncode}); {hint}.")
            with suppress(OSError):
                socket.create_connection((_HERE, self.ray_port), timeout=1).close()
                return
            if time.monotonic() > deadline:
                raise ResourceError(f"Ray's head does not answer after {_START_S:.0f} s; {hint}.")
            time.sleep(0.1)
