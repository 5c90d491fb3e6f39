"""Runs that are stopped half-way."""

import time
from contextlib import suppress

import psutil


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
