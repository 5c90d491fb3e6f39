"""The command `list`: the steps of job files and what else the app has, with options and defaults."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.job_commands import JobApp, ListSettings
from curator_engine.commands.job_file import options_of
from curator_engine.commands.settings import Job, close_name, describe_fields
from curator_engine.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A step, a recipe, or whatever else an app lists."""

    help: str
    """One sentence."""
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    """What can be set in it, and what it is unless it is set."""


def list_steps(settings: ListSettings, console: Console, *, app: JobApp) -> JobResult:
    """List what job files may name.

    Raises:
        SettingsError: A name is unknown.
    """
    found: dict[str, Mapping[str, Listed]] = {
        "steps": {job.name: _step(job) for job in app.jobs if job.step}
    }
    if app.more:
        module, _, function = app.more.partition(":")
        more: Callable[[], Mapping[str, Mapping[str, Listed]]]
        more = getattr(importlib.import_module(module), function)
        found |= more()
    known = [name for listed in found.values() for name in listed]
    for name in settings.inputs:
        if name not in known:
            raise SettingsError(f"no step or recipe {name!r}; {close_name(name, known)}")
    chosen = {
        title: {k: v for k, v in listed.items() if not settings.inputs or k in settings.inputs}
        for title, listed in found.items()
    }
    lines = [line for title, listed in chosen.items() if listed for line in _lines(title, listed)]
    return JobResult(
        summary={t: {k: asdict(v) for k, v in each.items()} for t, each in chosen.items()},
        lines=lines,
    )


def _step(job: Job) -> Listed:
    known = set(options_of(job))
    options = [each for each in describe_fields(job.settings) if each.name in known]
    return Listed(help=job.help, settings={o.name: o.default or "unset" for o in options})


def _lines(title: str, listed: Mapping[str, Listed]) -> list[str]:
    lines = [f"{title}:"]
    for name, each in listed.items():
        lines.append(f"  {name}: {each.help}")
        lines += [f"    {option}: {value}" for option, value in each.settings.items()]
    return lines
