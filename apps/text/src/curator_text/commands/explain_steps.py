"""`curator-text explain` for a run of several steps: in which of them a document left, and why.

A document that is called by its place has another one in each step, as rows before it go. Here it is followed.
"""

from collections.abc import Callable
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.errors import InputError
from curator_engine.failures import Quarantine
from curator_engine.files.paths import join
from curator_engine.files.storage import list_folders
from curator_engine.report.visible_text import visible
from curator_engine.stages.files import format_of
from curator_text.commands.named_documents import places
from curator_text.removal.run_folder import FILES, REMOVAL_JOBS, RunFolder, open_run

_OTHER_FORMS = ("output_format", "compression", "file_size", "row_group_size", "partition_by")
_BY_ID = "interleaved"
"""A job whose documents have ids, and whose files have other names and rows than its input."""
_AS_IT_WAS = (None, "as-input", [], ())


def explain_steps(
    folder: RunFolder, name: str, explain: Callable[[RunFolder, str], JobResult]
) -> JobResult:
    """What each step did with a document, until it left.

    Args:
        folder: The run of several steps.
        name: The document's id, or FILE:ROW in the input of the first step that removes documents.
        explain: Says what the run of one step did with a document.

    Raises:
        InputError: There is no such document, or its place cannot be followed.
    """
    told: list[str] = []
    summary: dict[str, Any] = {"id": name, "status": "kept", "run": folder.path, "steps": {}}
    for step in folder.record.get("steps", {}):
        run = open_run(join(folder.path, "steps", step))
        job = run.record.get("job")
        if job not in (*REMOVAL_JOBS, _BY_ID):
            continue
        found = explain(run, name)
        summary["steps"][step] = found.summary
        if found.summary["status"] == "removed":
            first, *more = found.lines
            return JobResult(
                summary=summary | {"status": "removed", "step": step},
                lines=[*told, f"{step}: {first}", *more],
            )
        told.append(f"{step}: {found.lines[0]}")
        name = found.summary["id"] if job == _BY_ID else _place_after(run, name)
    return JobResult(summary=summary, lines=[*told, f"stays, in {join(folder.path, 'data')}"])


def _place_after(run: RunFolder, name: str) -> str:
    """What a document that stays is called in the next step.

    Raises:
        InputError: That is not known.
    """
    place = next(
        (each for each in places(name) if run.find(FILES, ["file"], limit=1, file=each[0])[1]), None
    )
    if place is None:
        # It is called by its id, which stays.
        return name
    file, row = place
    lost = _quarantined(run, file)
    moved = any(run.settings.get(form) not in _AS_IT_WAS for form in _OTHER_FORMS)
    if lost is None or moved or run.settings.get("split_by_language"):
        raise InputError(
            f"{visible(name)} stays in {run.path}, and its place after that is not known; "
            "name it by the value of an --id-field, or look at the next step by itself."
        )
    gone = {
        each
        for batch in run.batches("removed", ["file", "row"])
        for name_, each in zip(*(batch.column(c).to_pylist() for c in ("file", "row")), strict=True)
        if name_ == file
    }
    return f"{file}:{row - sum(each < row for each in gone | lost)}"


def _quarantined(run: RunFolder, file: str) -> set[int] | None:
    """The rows of a file that could not be read; None if they are not known."""
    known, _ = run.find(FILES, ["path"], limit=1, file=file)
    path, rows = known[0]["path"], set[int]()
    in_rows = format_of(path) == "parquet"
    root = join(run.path, "quarantine")
    for step in list_folders(root):
        for record in Quarantine(join(root, step)).iter_rows():
            if record["file"] != path or record["rest"]:
                continue
            line, offset = record["line"], record["offset"]
            first = line - 1 if line is not None else offset if in_rows else None
            if first is None:
                return None
            rows.update(range(first, first + record["rows"]))
    return rows
