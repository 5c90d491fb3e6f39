"""The command `estimate`: run a sample through the steps of a job file, and go on from what it gave.

The sample is the beginnings of several files. It runs in a temporary folder, first a quarter of it (twice,
since the first time kernels are loaded) and then all, so that what a step takes whatever its input is told
from what grows with it. Nothing that the job names is written.
"""

import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.job_commands import EstimateSettings, JobApp
from curator_engine.commands.job_file import JobFile, JobStep, is_made_by
from curator_engine.commands.job_record import StepRecord, earlier_steps
from curator_engine.commands.job_run import STEPS, JobRun
from curator_engine.commands.read_job_file import read_job_file
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.commands.settings import CommonSettings, Kind, Must, marks_of
from curator_engine.counted import counted
from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.blocks import LongRow, is_compressed, iter_blocks
from curator_engine.files.listing import FileInfo
from curator_engine.stages.files import format_of, parse_size
from curator_engine.stages.parquet_files import AnyParquet, open_parquet

_FILES = 8
"""Files whose beginnings are taken."""
_SMALL = 4
"""The first sample is this part of the second."""
_BATCH_ROWS = 256


@dataclass(frozen=True, kw_only=True)
class _Tried:
    """What a sample gave."""

    share: float
    """Of the input's bytes."""
    steps: list[StepRecord]
    bytes: list[int]
    """Of `data/` of each step."""


def estimate(settings: EstimateSettings, console: Console, *, app: JobApp) -> JobResult:
    """Say what a job would take and leave.

    Raises:
        CuratorError: The job file or its input is not as it must be; a step failed on the sample.
    """
    path, most = settings.inputs[0], parse_size(settings.sample)
    job = read_job_file(path, steps=app.jobs, changes=settings.set, output=settings.output)
    files = job.listing.files
    total = sum(file.size for file in files)
    console.say(
        f"a sample of {min(most, total) / 1e6:,.1f} MB runs through {counted(len(job.steps), 'steps')}"
    )
    with tempfile.TemporaryDirectory() as folder:
        sizes = [most // _SMALL, most // _SMALL, most]
        tried = [
            _try(job, files, size, total, f"{folder}/{i}", app) for i, size in enumerate(sizes)
        ]
    small, large = tried[1:]
    part = _part(job, large)
    steps = [_step(i, small, large, part) for i in range(len(large.steps))]
    return JobResult(
        summary={
            "sample_share": round(large.share, 6),
            "input_bytes": total,
            "seconds": round(sum(each["seconds"] for each in steps), 1),
            "memory_mb": max((each["memory_mb"] for each in steps), default=0),
            "steps": {r.folder: s for r, s in zip(large.steps, steps, strict=True)},
        },
        lines=_lines(large, steps),
    )


def _try(
    job: JobFile, files: Sequence[FileInfo], most: int, total: int, folder: str, app: JobApp
) -> _Tried:
    """Run a sample through the steps."""
    read = _write_sample(files, most, f"{folder}/in")
    if not read:
        raise InputError("nothing of the input could be read for a sample; run check first.")
    options = {k: v for k, v in job.options.items() if k != "limit"}
    output = f"{folder}/out"
    steps = [replace(step, settings=_without_folders(step)) for step in job.steps]
    sample = replace(job, inputs=[f"{folder}/in"], output=output, steps=steps, options=options)
    common = CommonSettings(inputs=sample.inputs, output=output, **options)
    kind = type("JobRun", (JobRun,), {"version": app.version})
    run_into_folder(kind(settings=common, console=_Silent(quiet=True), job=sample))
    found = earlier_steps(output)
    sizes = [_size(Path(output, STEPS, each.folder, "data")) for each in found]
    return _Tried(share=min(1.0, read / total), steps=found, bytes=sizes)


@dataclass(frozen=True)
class _Silent(Console):
    """What a sample has to say is no news of the job."""

    def warn(self, line: str) -> None:
        pass


def _without_folders(step: JobStep) -> Any:
    """The settings of a step without what it would write beside its output."""
    settings = step.settings
    for each in fields(settings):
        marks, value = marks_of(type(settings), each.name), getattr(settings, each.name)
        is_path = Kind.FOLDER in marks or Kind.FILE in marks
        made = Must.EXIST not in marks or is_made_by(settings, each.name, value)
        if is_path and made and value:
            settings = replace(settings, **{each.name: each.default})
    return settings


def _write_sample(files: Sequence[FileInfo], most: int, folder: str) -> int:
    """Write the beginnings of several files into a folder; about how many bytes of the input they are."""
    Path(folder).mkdir(parents=True)
    count = min(_FILES, len(files))
    chosen = [files[i * len(files) // count] for i in range(count)]
    read = 0
    for number, file in enumerate(chosen):
        # What a small file leaves of its part is there for those after it.
        share = max(1, (most - read) // (count - number))
        try:
            if format_of(file.path) == "parquet":
                read += _first_rows(file, share, f"{folder}/{number:02d}.parquet")
            else:
                read += _first_lines(file, share, f"{folder}/{number:02d}.jsonl")
        except UnreadableFileError:
            continue
    return read


def _first_lines(file: FileInfo, most: int, path: str) -> int:
    for _, data in iter_blocks(file.path, block_bytes=most):
        if isinstance(data, LongRow):
            continue
        Path(path).write_bytes(data)
        # How far compressed bytes reach is not known; these compress about as well as the file's.
        size = len(zlib.compress(data)) if is_compressed(file.path) else len(data)
        return min(size, file.size)
    return 0


def _first_rows(file: FileInfo, most: int, path: str) -> int:
    with open_parquet(file.path) as source:
        batches, size = list[pa.RecordBatch](), 0
        rows = source.metadata.num_rows
        most = most * max(1, sum(_unpacked(source))) // max(1, file.size)
        for batch in source.iter_batches(_BATCH_ROWS, use_threads=False):
            batches.append(batch)
            size += batch.nbytes
            if size >= most:
                break
    if not batches:
        return 0
    table = pa.Table.from_batches(batches)
    pq.write_table(table, path)
    return file.size * table.num_rows // max(1, rows)


def _unpacked(file: AnyParquet) -> list[int]:
    """Bytes of each row group when it is unpacked."""
    return [file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups)]


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _part(job: JobFile, large: _Tried) -> float:
    """Which part of the input the job reads: less than all with a limit."""
    limit, first = job.options.get("limit"), large.steps[0]
    count = (first.documents + first.lost_rows) / large.share
    return 1.0 if limit is None or not count else min(1.0, limit / count)


def _step(number: int, small: _Tried, large: _Tried, part: float) -> dict[str, Any]:
    """What a step is expected to do with the whole input."""
    few, many = small.steps[number], large.steps[number]
    scale = part / large.share
    more = large.share - small.share
    slope = (many.seconds - few.seconds) / more if more > 0 else 0.0
    # Below what times on a busy machine tell apart, all is taken to grow with the input.
    fixed = many.seconds - slope * large.share if slope > 0 else 0.0
    seconds = max(0.0, fixed) + (many.seconds - max(0.0, fixed)) * scale
    return {
        "documents": round((many.documents + many.lost_rows) * scale),
        "kept": round(many.kept * scale),
        "removed": round(many.removed * scale),
        "data_bytes": round(large.bytes[number] * scale),
        "seconds": round(seconds, 1),
        "memory_mb": round(many.peak_memory_mb),
    }


def _lines(large: _Tried, steps: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"{record.folder}: about {s['documents']:,} in, {s['kept']:,} kept ({s['data_bytes'] / 1e6:,.1f} MB), "
        f"{s['seconds']:,.0f} s, {s['memory_mb']:,} MB of memory"
        for record, s in zip(large.steps, steps, strict=True)
    ]
    seconds = sum(s["seconds"] for s in steps)
    disk = sum(s["data_bytes"] for s in steps)
    return [
        *lines,
        f"estimate: {seconds:,.0f} s, {disk / 1e6:,.1f} MB of disk for data/ of all steps",
        f"from {large.share:.2%} of the input: copies are rarer in a sample than in the whole, and memory "
        "may grow; nothing was kept",
    ]
