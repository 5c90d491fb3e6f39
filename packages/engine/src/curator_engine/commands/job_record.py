"""What a run of a job file keeps of each step, and by what it knows a step that is done."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from curator_engine.commands.cli import JobResult
from curator_engine.commands.job_file import JobStep, is_made_by
from curator_engine.commands.settings import CommonSettings, Kind, Must, marks_of
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.listing import Listing
from curator_engine.files.manifest import made_in, names_below
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists
from curator_engine.files.walk import found_at
from curator_engine.running.run_record import RECORD_FILE, changed_settings, read_record
from curator_engine.task import short_hash

_PLACES = {"inputs", "input_path", "output", "output_path", "cache", "cache_path", "limit"}
"""Settings that the run gives, or that change nothing."""


@dataclass(kw_only=True)
class StepRecord:
    """What `run.json` says of a step."""

    folder: str
    name: str
    key: str
    """Stands for the settings of this step and those before it, and for the input."""
    settings: dict[str, Any]
    """Those that the result depends on."""
    status: str = "running"
    """running, done, failed or interrupted."""
    unit: str = "documents"
    """What is counted: a step that downloads counts addresses."""
    documents: int = 0
    """Those that were read."""
    kept: int = 0
    removed: int = 0
    reasons: dict[str, int] = field(default_factory=dict[str, int])
    """The removed ones by reason."""
    lost_rows: int = 0
    """Rows in quarantine."""
    lost_files: int = 0
    """Files of which all or the rest could not be read; how many rows that are is not known."""
    quarantined: int = 0
    """Rows, files and tasks in quarantine."""
    again: bool = False
    """Whether files could not be read that a resumed run tries again."""
    files: int = 0
    """Those of `data/` when it was done."""
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    alarms: list[str] = field(default_factory=list[str])

    @classmethod
    def begun(cls, step: JobStep, key: str) -> Self:
        """The record of a step that begins."""
        return cls(folder=step.folder, name=step.name, key=key, settings=recorded(step))

    def differs_from(self, step: JobStep) -> str:
        """In which settings it differs from a step that is to be run; else it is the input."""
        if self.name != step.name:
            return f"{self.name}, now {step.name}"
        return "; ".join(changed_settings(self.settings, recorded(step)).values()) or "its input"

    def summary(self) -> dict[str, Any]:
        """The counts, for `--json`."""
        names = ("documents", "kept", "removed", "reasons", "lost_rows", "lost_files", "seconds")
        return {name: getattr(self, name) for name in names}

    def line(self) -> str:
        """The counts in a line."""
        lost = f", {self.lost_rows:,} in quarantine" if self.lost_rows else ""
        lost += (
            f", {counted(self.lost_files, 'files')} not read to the end" if self.lost_files else ""
        )
        share = self.removed / self.documents if self.documents else 0.0
        return (
            f"{self.folder}: {self.documents + self.lost_rows:,} in, {self.kept:,} kept, "
            f"{self.removed:,} removed ({share:.1%}){lost}, {self.seconds:.1f} s"
        )


def step_result(record: StepRecord, result: JobResult, output: str) -> None:
    """Note what a step has done.

    Args:
        record: Of the step.
        result: What its command returned. Its summary has `documents`, `removed` and `seconds`, and
            may have `kept`, `rules` (removed documents by reason), `lost_rows`, `quarantined`, `alarms`.
        output: The folder of the step.
    """
    found = result.summary
    record.documents, record.removed = int(found["documents"]), int(found["removed"])
    record.kept = int(found.get("kept", record.documents - record.removed))
    record.unit = str(found.get("unit", record.unit))
    record.lost_rows = int(found.get("lost_rows", 0))
    record.quarantined = int(found.get("quarantined", 0))
    record.alarms = list(found.get("alarms", []))
    record.reasons = dict(found.get("rules") or {record.name: record.removed})
    record.seconds = float(found["seconds"])
    record.lost_files = int(found.get("lost_files", 0))
    reports = read_record(output).get("steps", {}).values()
    record.again = any(report.get("sources_open") for report in reports)
    record.peak_memory_mb = max((float(r.get("peak_memory_mb", 0)) for r in reports), default=0.0)
    record.files = len(data_files(join(output, "data")))
    record.status = "done"


def data_files(folder: str) -> list[str]:
    """Names of the files below a folder that are ours and there; the manifest may know more."""
    made = {path.removeprefix(f"{folder}/") for path in made_in(folder)}
    return sorted(made.intersection(names_below(folder)))


def recorded(step: JobStep) -> dict[str, Any]:
    """The settings of a step that its result depends on."""
    return {k: v for k, v in step.workflow().recorded().items() if k not in _PLACES}


def key_of_input(listing: Listing, *, limit: int | None) -> str:
    """Stands for the files that the first step reads."""
    return short_hash(str(limit), *(f"{file.path} {file.stamp}" for file in listing.files))


def key_of_step(before: str, step: JobStep) -> str:
    """Stands for a step and all before it, and for the files that its settings name.

    Args:
        before: The key of the step before it, or of the input.
        step: The step.
    """
    settings = json.dumps(recorded(step), sort_keys=True, default=repr)
    return short_hash(before, step.name, settings, *_stamps(step.settings))


def _stamps(settings: CommonSettings) -> list[str]:
    """What tells the files and folders that settings name, to be read, from what they were before."""
    values = vars(settings)
    read = [
        name for name in values if {Must.EXIST, Kind.NAME} & set(marks_of(type(settings), name))
    ]
    paths = [
        p for name in read for p in _as_list(values[name]) if not is_made_by(settings, name, p)
    ]
    stamps: list[str] = []
    for path in paths:
        if is_remote(path) or not exists(path):
            continue
        names = names_below(path) if Path(path).is_dir() else [""]
        stamps += [
            f"{path} {name} {found_at(str(Path(path, name))).stamp}" for name in sorted(names)
        ]
    return stamps


def _as_list(value: Any) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if each]


def earlier_steps(output: str) -> list[StepRecord]:
    """The steps of the run that a folder holds, in order; [] if there is none."""
    if not exists(join(output, RECORD_FILE)):
        return []
    known = {f.name for f in fields(StepRecord)}
    try:
        steps = read_record(output).get("steps", {}).values()
        return [StepRecord(**{k: v for k, v in each.items() if k in known}) for each in steps]
    except (InputError, TypeError, AttributeError):
        return []


def finished_steps(
    earlier: Sequence[StepRecord], steps: Sequence[JobStep], keys: Sequence[str]
) -> list[StepRecord]:
    """The steps at the beginning that need not be done again."""
    done: list[StepRecord] = []
    for record, step, key in zip(earlier, steps, keys, strict=False):
        if (
            record.status != "done"
            or record.again
            or (record.key, record.folder) != (key, step.folder)
        ):
            break
        done.append(record)
    return done
