"""An OpenAI-compatible server beside a pipeline: started, waited for, and ended with the block.

The server is vLLM's own, where vLLM is installed: a process of this machine, at the loopback address.
Who asks it is not known here; stages and `llm_client.py` take its `endpoint`.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.ports import HERE, free_port
from curator_engine.positional import positional

_PORT = 8000
_END_S = 30.0
"""Time that the server gets to end."""
_SAID_CHARS = 200


@positional("model_identifier", "model_name", "runtime_env")
@dataclass(kw_only=True)
class BaseModelConfig:
    """A model that a server offers: which, by what name, in what environment."""

    model_identifier: str
    """Folder or hub id."""
    model_name: str | None = None
    """Name by which it is asked for; the identifier unless given."""
    runtime_env: dict[str, Any] = field(default_factory=dict[str, Any])
    """Only `env_vars`: environment variables of the server."""

    @property
    def resolved_model_name(self) -> str:
        """What it is asked for by."""
        return self.model_name or self.model_identifier


@positional("model_identifier", "model_name", "runtime_env", "deployment_config", "engine_kwargs")
@dataclass(kw_only=True)
class RayServeModelConfig(BaseModelConfig):
    """The same with the options of vLLM's server, by NeMo Curator's parameters."""

    deployment_config: dict[str, Any] = field(default_factory=dict[str, Any])
    """Only `num_replicas: 1`: there is one server."""
    engine_kwargs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Options of the server, such as `{"tensor_parallel_size": 2}`."""

    def __post_init__(self) -> None:
        if odd := [name for name in self.runtime_env if name != "env_vars"]:
            raise SettingsError(f"runtime_env: {odd[0]!r} is not offered, only 'env_vars'.")
        replicas = {"num_replicas": 1}
        if odd := [k for k, v in self.deployment_config.items() if replicas.get(k) != v]:
            raise SettingsError(
                f"deployment_config: {odd[0]}={self.deployment_config[odd[0]]!r} is not offered, only "
                "num_replicas=1; start several servers."
            )


@positional("models", "backend", "name", "port", "health_check_timeout_s", "verbose")
@dataclass(kw_only=True)
class InferenceServer:
    """Start a server with a model, and end it.

    Example:
        >>> with InferenceServer(
        ...     models=[RayServeModelConfig(model_identifier="Qwen/Qwen3-4B")]
        ... ) as server:
        ...     client = OpenAIClient(base_url=server.endpoint, api_key="none")
    """

    models: list[RayServeModelConfig]
    """One: a server has one model."""
    backend: object = None
    """Only None: vLLM's own server, without Ray Serve or Dynamo."""
    name: str = "default"
    """For messages."""
    port: int = _PORT
    """Port at the loopback address; if it is the default and taken, the next free one."""
    health_check_timeout_s: float = 300.0
    """Time that the server gets to load its model."""
    verbose: bool = False
    """Show what the server prints; else its last line is in the error."""
    server_module: str = "vllm.entrypoints.openai.api_server"
    """The program: a module that takes `--model`, `--served-model-name`, `--host` and `--port`."""

    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _log: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.models) != 1:
            raise SettingsError(
                f"InferenceServer takes one model, not {len(self.models)}; start a server for each."
            )
        if self.backend is not None:
            raise SettingsError(
                f"backend={type(self.backend).__name__} is not offered: the server is vLLM's own; leave it out."
            )

    @property
    def endpoint(self) -> str:
        """The address, with the version."""
        return f"http://{HERE}:{self.port}/v1"

    def start(self) -> None:
        """Start the server and wait until it lists its model; one that runs is left.

        Raises:
            ResourceError: It is not installed, ends, or does not answer in time; or the port is taken.
        """
        if self._process is not None:
            return
        model = self.models[0]
        self.port = free_port(self.port, search=self.port == _PORT)
        env = {**os.environ, **model.runtime_env.get("env_vars", {})}
        package = self.server_module.partition(".")[0]
        if find_spec(package) is None and "PYTHONPATH" not in model.runtime_env.get("env_vars", {}):
            raise ResourceError(
                f"{package} is not installed, which serves models; install {package}."
            )
        with ExitStack() as stack:
            out: Any = None
            if not self.verbose:
                out = stack.enter_context(tempfile.NamedTemporaryFile(delete=False))
                self._log = out.name
            self._process = subprocess.Popen(
                self._command(model), env=env, stdout=out, stderr=out, start_new_session=True
            )
        try:
            self._wait(model)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and its processes."""
        process, self._process = self._process, None
        if process is not None:
            _signal(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_END_S)
            _signal(process, signal.SIGKILL)
            process.wait()
        if self._log:
            Path(self._log).unlink(missing_ok=True)
            self._log = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, model: RayServeModelConfig) -> list[str]:
        options = {"model": model.model_identifier, "served_model_name": model.resolved_model_name}
        options |= {"host": HERE, "port": self.port, **model.engine_kwargs}
        return [sys.executable, "-m", self.server_module, *flags(options)]

    def _wait(self, model: RayServeModelConfig) -> None:
        deadline = time.monotonic() + self.health_check_timeout_s
        while self._process is not None:
            if self._process.poll() is not None:
                raise ResourceError(
                    f"the server {self.name} ended (exit {self._process.returncode}): {self._last_line()}"
                )
            if model.resolved_model_name in self._listed():
                return
            if time.monotonic() > deadline:
                raise ResourceError(
                    f"the server {self.name} does not list {model.resolved_model_name} after "
                    f"{self.health_check_timeout_s:.0f} s; raise health_check_timeout_s, or look with verbose=True."
                )
            time.sleep(0.2)

    def _listed(self) -> list[str]:
        """The models that it lists; none while it does not answer."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.endpoint}/models", timeout=5) as reply:
                return [str(each["id"]) for each in json.load(reply)["data"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def _last_line(self) -> str:
        if not self._log:
            return "see what it printed"
        lines = Path(self._log).read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")[
            :_SAID_CHARS
        ]


def flags(options: Mapping[str, Any]) -> list[str]:
    """Options as the flags of a command: True as the flag alone, False as `--no-flag`, None as none."""
    words: list[str] = []
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words.append(flag if value else f"--no-{flag[2:]}")
        elif value is not None:
            words += [flag, json.dumps(value) if isinstance(value, dict | list) else str(value)]
    return words


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Tell the process and those that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
