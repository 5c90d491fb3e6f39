"""What this machine has and lacks for running pipelines: a finding per thing, with what to do.

`examine` measures, the `check_...` functions judge what they are given. Ray is neither started nor
imported; `python -m curator_engine doctor` prints the findings.
"""

import importlib.util
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from curator_engine.resources import usable_cpus, usable_memory_bytes

_PACKAGES = ("ray", "cosmos-xenna", "pyarrow", "numpy")
_STORE_RATIO = 0.3
"""Part of the memory that Ray gives to its object store."""
_STORE_MOST = 200 * 10**9
_STORE_LEAST = 64 << 20
"""What a container has in /dev/shm unless told otherwise."""
_KNOCK_S = 2.0
_PROBE_S = 10.0
"""Time for nvidia-smi: without persistence mode it wakes the driver first."""
_OPEN_FILES = 4096


@dataclass(frozen=True, kw_only=True)
class Space:
    """Bytes of a file system."""

    total: int
    free: int


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was found about one thing."""

    name: str
    status: Literal["ok", "warning", "problem"]
    text: str
    """One line: what there is; unless ok, also what to do."""


def examine() -> list[Finding]:
    """Look at this machine; takes a second or so, more if something does not answer."""
    memory = usable_memory_bytes()
    # As Ray chooses it; `tempfile.gettempdir` raises where the disk is full.
    temp = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"
    ray = importlib.util.find_spec("ray")
    return [
        check_python(sys.version_info[:2]),
        *(check_package(each, found=_installed(each), needed=_needed(each)) for each in _PACKAGES),
        check_cpus(machine=os.cpu_count() or 1, usable=usable_cpus()),
        check_memory(machine=_machine_memory_bytes(), usable=memory),
        check_shared_memory(_space("/dev/shm"), memory=memory),
        check_temp(temp, space=_space(temp)),
        check_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        check_gpu(),
        check_address(
            os.environ.get("RAY_ADDRESS", ""), has_auth_mode="RAY_AUTH_MODE" in os.environ
        ),
        check_uv_run(
            is_under_uv="UV_RUN_RECURSION_DEPTH" in os.environ,
            variable=os.environ.get("RAY_ENABLE_UV_RUN_RUNTIME_ENV", ""),
        ),
        check_bytecode(
            Path(ray.origin) if ray and ray.origin else None, can_write=not sys.dont_write_bytecode
        ),
    ]


def exit_code(findings: list[Finding]) -> int:
    """1 if anything is a problem, else 0."""
    return int(any(each.status == "problem" for each in findings))


def render(findings: list[Finding]) -> str:
    """A line per finding."""
    width = max((len(each.name) for each in findings), default=0)
    return "".join(f"{each.status:7}  {each.name:{width}}  {each.text}\n" for each in findings)


def check_python(found: tuple[int, int]) -> Finding:
    """Is this the Python that the packages are made for?"""
    text = f"{found[0]}.{found[1]}"
    if found == (3, 12):
        return _ok("python", text)
    return _problem("python", f"{text}; install Python 3.12 and make a new environment with it.")


def check_package(name: str, *, found: str | None, needed: str | None) -> Finding:
    """Is the package there, and new enough?

    Args:
        name: As it is installed.
        found: Its version, if it is installed.
        needed: The least version, if it is known.
    """
    least = f">={needed}" if needed else ""
    if found is None:
        return _problem(name, f'not installed; install "{name}{least}" in this environment.')
    if needed and _numbers(found) < _numbers(needed):
        return _problem(name, f'{found} is too old; install "{name}{least}".')
    return _ok(name, found)


def check_cpus(*, machine: int, usable: int) -> Finding:
    """Are there CPUs enough for every executor?"""
    text = f"{usable} of {machine}" if usable < machine else f"{usable}"
    text += " (the rest is kept from this process by its affinity or a container's limit)" * (
        usable < machine
    )
    if usable > 1:
        return _ok("cpus", text)
    return _warning(
        "cpus",
        f"{text}; XennaExecutor needs two, or cpu_allocation_percentage=1; LocalExecutor needs one.",
    )


def check_memory(*, machine: int, usable: int) -> Finding:
    """Is there memory for Ray's own processes?"""
    text = f"{_gb(usable)} of {_gb(machine)} (a container's limit)" * (usable < machine)
    text = text or _gb(usable)
    if usable >= 2 * 10**9:
        return _ok("memory", text)
    return _warning("memory", f"{text}; little for Ray: use LocalExecutor, or raise the limit.")


def check_shared_memory(space: Space | None, *, memory: int) -> Finding:
    """Does Ray's object store fit into shared memory?

    Args:
        space: Of /dev/shm; None where there is none.
        memory: Usable memory, in bytes.
    """
    name = "shared memory"
    if space is None:
        return _warning(name, "no /dev/shm; Ray keeps its objects on disk, slowly.")
    text = f"{_gb(space.free)} free of {_gb(space.total)}"
    wanted = max(_STORE_LEAST, min(int(_STORE_RATIO * memory), _STORE_MOST))
    if space.free >= wanted:
        return _ok(name, text)
    return _warning(
        name,
        f"{text}, but Ray's object store wants {_gb(wanted)} (30% of memory) and spills to disk with "
        f"less; free /dev/shm, or start the container with --shm-size={wanted * 11 // 10 >> 20}m.",
    )


def check_temp(path: str, *, space: Space | None) -> Finding:
    """Is there space for Ray's logs and for what it spills?

    Args:
        path: The folder.
        space: Of its file system; None if there is no such folder.
    """
    name = "temp folder"
    if space is None:
        return _problem(name, f"{path} is not there; create it, or set RAY_TMPDIR to another.")
    text = f"{_gb(space.free)} free of {_gb(space.total)} in {path}"
    advice = "free some, or set RAY_TMPDIR to a folder with space."
    if space.free < 10**9:
        return _problem(name, f"{text}; {advice}")
    # Ray stops spilling to a disk that is 95% full.
    if space.free < max(10 * 10**9, space.total * 0.05):
        return _warning(name, f"{text}, little for what Ray spills; {advice}")
    return _ok(name, text)


def check_open_files(limit: int) -> Finding:
    """May a process open as many files as a run needs?"""
    if limit == resource.RLIM_INFINITY:
        return _ok("open files", "unlimited")
    if limit >= _OPEN_FILES:
        return _ok("open files", f"{limit}")
    return _warning(
        "open files",
        f"{limit}; run `ulimit -n 65536` first, or start the container with --ulimit nofile=65536.",
    )


def check_gpu(devices: Path = Path("/dev")) -> Finding:
    """Are there GPUs, and does their driver answer? None is fine.

    Args:
        devices: The folder of device files.
    """
    tool, files = shutil.which("nvidia-smi"), list(devices.glob("nvidia[0-9]*"))
    if not tool:
        if not files:
            return _ok("gpu", "none; CPU forms are used")
        return _warning("gpu", f"{len(files)} without nvidia-smi; install the driver's tools.")
    try:
        done = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            check=False,
            timeout=_PROBE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return _warning("gpu", f"{error}; check the driver, CPU forms are used meanwhile.")
    names = [line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line]
    if done.returncode == 0 and names:
        return _ok("gpu", "; ".join(f"{names.count(n)} x {n}" for n in sorted(set(names))))
    if not files:
        return _ok("gpu", "none; CPU forms are used")
    return _warning("gpu", f"nvidia-smi fails: {' '.join(names)}; check the driver.")


def check_address(address: str, *, has_auth_mode: bool = True) -> Finding:
    """Does the cluster of RAY_ADDRESS answer?

    Args:
        address: The value of RAY_ADDRESS.
        has_auth_mode: Whether RAY_AUTH_MODE is set: unless it is "token", Ray sends no token.
    """
    name = "RAY_ADDRESS"
    if address in ("", "local"):
        return _ok(name, f"{address or 'not set'}; Ray is started on this machine when needed")
    if address.startswith("ray://"):
        return _problem(
            name,
            f"{address} is a Ray Client address; run on a node of the cluster, with HOST:6379.",
        )
    if address == "auto":
        return _ok(name, "auto, which is the cluster that runs on this machine; not tried")
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return _problem(name, f"{address} is not HOST:PORT; for example HOST:6379.")
    try:
        socket.create_connection((host, int(port)), timeout=_KNOCK_S).close()
    except (OSError, OverflowError) as error:
        return _problem(
            name,
            f"{address} does not answer: {error}. Run `ray start --head --port={port}` there, check "
            "the firewall, or unset it to start Ray here.",
        )
    hint = "" if has_auth_mode else "; if it wants a token, set RAY_AUTH_MODE=token"
    return _ok(name, f"{address} answers{hint}")


def check_uv_run(*, is_under_uv: bool, variable: str) -> Finding:
    """Would Ray start its workers with `uv run`, each with an environment of its own?

    Args:
        is_under_uv: Whether this process was started by `uv run`.
        variable: The value of RAY_ENABLE_UV_RUN_RUNTIME_ENV.
    """
    if not is_under_uv:
        return _ok("uv run", "not used, so RAY_ENABLE_UV_RUN_RUNTIME_ENV does not matter")
    if variable == "0":
        return _ok("uv run", "workers use this environment (RAY_ENABLE_UV_RUN_RUNTIME_ENV=0)")
    return _warning(
        "uv run",
        "Ray copies this folder to every worker and starts it with `uv run`, slowly if at all; set "
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV=0 before Python starts.",
    )


def check_bytecode(origin: Path | None, *, can_write: bool) -> Finding:
    """Is Ray compiled, or does every worker compile it anew?

    Args:
        origin: The package's `__init__.py`, if it is installed.
        can_write: Whether Python keeps what it compiles.
    """
    if origin is None:
        return _ok("bytecode", "Ray is not installed")
    if Path(importlib.util.cache_from_source(str(origin))).exists():
        return _ok("bytecode", "Ray is compiled")
    if can_write and os.access(origin.parent, os.W_OK):
        return _ok("bytecode", "Ray is not compiled yet; the first start does it")
    why = f"{origin.parent} is read-only" if can_write else "PYTHONDONTWRITEBYTECODE is set"
    return _warning(
        "bytecode",
        f"Ray is not compiled and {why}, so every worker starts slowly; run "
        f"`python -m compileall -q {origin.parent}` once.",
    )


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _needed(name: str) -> str | None:
    """The least version of a package that the engine asks for."""
    try:
        lines = requires("curator-engine") or []
    except PackageNotFoundError:
        return None
    found = (re.match(rf"{re.escape(name)}(?:\[[^]]*\])?>=([\d.]+)", line) for line in lines)
    return next((each[1] for each in found if each), None)


def _numbers(text: str) -> list[int]:
    """The leading numbers of a version: 2.60.0rc1 is [2, 60, 0]."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    return [int(each) for each in match[0].split(".")] if match else []


def _space(folder: str) -> Space | None:
    """The file system's space; None if there is no such folder."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Space(total=usage.total, free=usage.free)


def _machine_memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 10**8 else f"{size / 1e6:.0f} MB"


def _ok(name: str, text: str) -> Finding:
    return Finding(name=name, status="ok", text=text)


def _warning(name: str, text: str) -> Finding:
    return Finding(name=name, status="warning", text=text)


def _problem(name: str, text: str) -> Finding:
    return Finding(name=name, status="problem", text=text)
