"""Runs that are stopped half-way."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_WAIT = """
import fnmatch, os, time

FOLDER, PATHS, AFTER = {folder!r}, {paths!r}, {after}
replace = os.replace


def waiting(source, target, **more):
    if fnmatch.fnmatchcase(os.fsdecode(target), PATHS):
        while len(os.listdir(FOLDER + "/passed")) >= AFTER and not os.path.exists(FOLDER + "/open"):
            time.sleep(0.01)
        open(f"{{FOLDER}}/passed/{{os.getpid()}}-{{time.monotonic_ns()}}", "x").close()
    return replace(source, target, **more)


os.replace = waiting
"""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A place at which a program waits, so that it can be stopped there, however slow this process is."""

    folder: Path

    @property
    def env(self):
        """The program's environment."""
        paths = [str(self.folder), os.environ.get("PYTHONPATH", "")]
        return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def open(self):
        """Let it go on."""
        (self.folder / "open").touch()


def gate_at(folder, paths, *, after):
    """Let a program wait before it puts one more file in its place.

    Args:
        folder: A new one, for the gate itself.
        paths: Which files, as a pattern; a star is any text, slashes as well.
        after: How many pass before.
    """
    (folder / "passed").mkdir(parents=True)
    code = _WAIT.format(folder=str(folder), paths=paths, after=after)
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return Gate(folder=folder)


def wait_for(condition, seconds=120.0):
    """Whether the condition has come true in time; a machine may be very busy."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def is_running(pid):
    """Whether there is a process; one that has ended and that nobody has asked about is none."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(process):
    """Kill a program, which may have ended, and wait for its workers, which end by themselves."""
    family = []
    with suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    assert wait_for(lambda: not any(is_running(each.pid) for each in family))


def kill_group(process):
    """Kill a program that heads a group, with all in it; it may have ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stop_at(patch, stage, *, call=2):
    """Let a stage's process be interrupted at its so-manieth call, once.

    Args:
        patch: A monkeypatch, in whose context the run is stopped.
        stage: The class.
        call: Counted from one.
    """
    calls = []
    real = stage.process

    def stopped(self, task):
        calls.append(task)
        if len(calls) == call:
            raise KeyboardInterrupt
        return real(self, task)

    patch.setattr(stage, "process", stopped)
