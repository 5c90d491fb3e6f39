"""The fingerprints of a run's segments, and of what these are compared with; made once and kept in the run."""

from collections.abc import Sequence

import pyarrow as pa

from curator_audio.duplicates.fingerprint import FINGERPRINT_FILE
from curator_audio.recordings.fingerprint_segments import FingerprintSegments
from curator_audio.recordings.recording_tasks import tasks_of
from curator_audio.recordings.write_segments import MARKS
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, remove_tree
from curator_engine.items.fingerprint_file import FILE
from curator_engine.items.input_again import (
    check_unchanged_since,
    end_again,
    files_of_rows,
    steps_again,
)
from curator_engine.stages.files import find_inputs
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash


def fingerprints_of(output: str, table: pa.Table, *, workers: int | None = None) -> pa.Table:
    """The fingerprints of the kept segments of a run, at least; those that are missing are made.

    Args:
        output: The folder of the run.
        table: Its rows.
        workers: Processes.

    Returns:
        Of FINGERPRINTS.

    Raises:
        InputError: The input has changed or is gone.
        StorageError: A file cannot be written; call again, which goes on.
    """
    earlier = FINGERPRINT_FILE.open(output) if exists(join(output, FILE)) else None
    known = set[str]() if earlier is None else set(earlier.column("uuid").to_pylist())
    rows = table.select(["uuid", "keep"]).to_pylist()
    missing = [row["keep"] and row["uuid"] not in known for row in rows]
    if earlier is not None and not any(missing):
        return earlier
    wanted = table.filter(pa.array(missing, pa.bool_()))
    tasks = tasks_of(files_of_rows(wanted))
    check_unchanged_since(tasks)
    steps = steps_again(output, "fingerprints", workers=workers)
    cache = steps.cache
    marks = join(cache, f"marks-{short_hash(*map(str, wanted.column('uuid').to_pylist()))}.parquet")
    if not exists(marks):
        # Parts of a stopped call on other segments would come twice.
        remove_tree(cache)
        write_table(marks, wanted.select(list(MARKS)))
    parts = join(cache, "parts")
    steps.run("fingerprints", FingerprintSegments(parts=parts, marks=marks), tasks)
    found = FINGERPRINT_FILE.join(parts, output, earlier)
    end_again(steps)
    return found


def fingerprints_in(steps: Steps, tasks: Sequence[FileGroupTask], table: pa.Table) -> pa.Table:
    """The fingerprints of the kept segments of a run that is at work.

    Args:
        steps: Of the run.
        tasks: Its files.
        table: Its rows.

    Returns:
        Of FINGERPRINTS.
    """
    kept = table.filter(table.column("keep"))
    # With other marks, what a stopped run has made is of other segments.
    cache = join(steps.cache, f"prints-{short_hash(*map(str, kept.column('uuid').to_pylist()))}")
    marks, parts = join(cache, "marks.parquet"), join(cache, "parts")
    write_table(marks, kept.select(list(MARKS)))
    steps.run("fingerprints", FingerprintSegments(parts=parts, marks=marks), tasks)
    return FINGERPRINT_FILE.join(parts, steps.output)


def fingerprints_against(
    output: str, places: list[str], *, workers: int | None = None
) -> tuple[pa.Table, int]:
    """Fingerprints of other runs of `dedup`, and of recordings.

    Args:
        output: The folder of the run that is compared with them.
        places: Folders of runs, and files and folders of recordings.
        workers: Processes.

    Returns:
        Of FINGERPRINTS, and how many recordings could not be read, which quarantine/ of the run lists.

    Raises:
        CuratorError: There is no such place, or nothing in it.
    """
    runs = [place for place in places if exists(join(place, FILE))]
    tables = [FINGERPRINT_FILE.open(run) for run in runs]
    rejected = 0
    if others := [place for place in places if place not in runs]:
        steps = steps_again(output, "against", workers=workers)
        parts = join(steps.cache, "parts")
        remove_tree(steps.cache)
        tasks = tasks_of(find_inputs(others, file_format="audio").files)
        steps.run("fingerprints", FingerprintSegments(parts=parts), tasks)
        rejected = int(steps.troubles()["quarantined"])
        tables.append(FINGERPRINT_FILE.join(parts, steps.cache))
        # What is mapped stays readable when the name of its file is gone.
        end_again(steps)
    return pa.concat_tables(tables), rejected
