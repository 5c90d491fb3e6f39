"""The command `curator-text explain`: why a document left or stayed.

Answers from the tables of a finished run; the difference is read from the input, if that is still
as it was.
"""

import os
import sys
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from curator_engine.commands.cli import Console, JobResult
from curator_engine.counted import counted
from curator_engine.report.visible_text import visible
from curator_text.commands.explain_classify import LABELLING_JOBS, explain_labels
from curator_text.commands.explain_decontaminate import explain_decontaminated
from curator_text.commands.explain_edits import explain_edited
from curator_text.commands.explain_filter import explain_filtered
from curator_text.commands.explain_langid import explain_language
from curator_text.commands.explain_places import PLACE_JOBS, explain_place
from curator_text.commands.explain_repeats import explain_repeats
from curator_text.commands.explain_steps import explain_steps
from curator_text.commands.named_documents import (
    MAX_SCAN_BYTES,
    MAX_TEXT_BYTES,
    check_is_there,
    coloured,
    meanings,
)
from curator_text.removal.corpus import IN_INDEX
from curator_text.removal.run_folder import EDITING_JOBS, REMOVAL_JOBS, RunFolder, open_run
from curator_text.report.findings import text_or_trouble
from curator_text.report.originals import Originals, place_of
from curator_text.report.text_diff import Piece, word_diff
from curator_text.result_settings import ExplainSettings

_SHOWN_MEMBERS = 10
_PLACE = ["file", "row", "byte_offset", "length"]
_REMOVED = ["id", "kept_id", "cluster_id", "component_id", "similarity", *_PLACE]
_CLUSTER = ["cluster_id", "size", "component_id", "members", "similarities", *_PLACE]
_FORGOTTEN = "a document that was forgotten"


@dataclass(kw_only=True)
class Answer:
    """What is known of a document."""

    id: str
    status: str
    """removed or kept."""
    more: int = 0
    """Further removed documents of the same id."""
    place: dict[str, Any] = field(default_factory=dict[str, Any])
    kept_id: str | None = None
    similarity: float | None = None
    cluster: dict[str, Any] = field(default_factory=dict[str, Any])
    """The cluster that it is in; empty if in none."""
    difference: list[Piece] = field(default_factory=list[Piece])
    """What makes its text of the kept document's."""
    trouble: str = ""
    """Why the difference cannot be shown."""


def run(settings: ExplainSettings, console: Console) -> JobResult:
    """Explain one document.

    Raises:
        InputError: The folder is not that of a run, or there is no such document.
    """
    folder = open_run(settings.inputs[0], jobs=("run", *REMOVAL_JOBS, *PLACE_JOBS))
    if folder.record.get("status") != "done":
        console.warn(f"{folder.path} is not the folder of a finished run.")
    explain_one = partial(_explained, settings)
    if folder.record.get("job") == "run":
        return explain_steps(folder, settings.document, explain_one)
    return explain_one(folder, settings.document)


def _explained(settings: ExplainSettings, folder: RunFolder, name: str) -> JobResult:
    """What the run of one job did with a document."""
    if folder.record.get("job") in PLACE_JOBS:
        return explain_place(folder, name)
    if folder.record.get("job") == "filter":
        return explain_filtered(folder, name)
    if folder.record.get("job") in ("substring", "lines"):
        return _explain_repeats(folder, name)
    if folder.record.get("job") == "langid":
        return explain_language(folder, name)
    if folder.record.get("job") in LABELLING_JOBS:
        return explain_labels(folder, name)
    if folder.record.get("job") == "decontaminate" and (
        found := explain_decontaminated(folder, name)
    ):
        return found
    colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if folder.record.get("job") in EDITING_JOBS:
        return explain_edited(folder, name, context=settings.context, colours=colours)
    answer = explain(folder, name, context=settings.context)
    return JobResult(
        summary=_summary(folder, answer), lines=_lines(folder, answer, colours=colours)
    )


def _explain_repeats(folder: RunFolder, name: str) -> JobResult:
    for values in meanings(name):
        if found := explain_repeats(folder, values):
            return found
    check_is_there(folder, name)
    return JobResult(
        summary={"id": name, "status": "kept", "passages": [], "run": folder.path},
        lines=[f"{visible(name)}: kept; nothing in it repeats what stands before"],
    )


def explain(folder: RunFolder, name: str, *, context: int) -> Answer:
    """What a run's tables say of a document.

    Args:
        folder: The run.
        name: The document's id, or FILE:ROW.
        context: Words around a difference.

    Raises:
        InputError: There is no such document.
    """
    for values in meanings(name):
        rows, count = folder.find("removed", _REMOVED, limit=1, **values)
        if rows:
            return _removed(folder, rows[0], more=count - 1, context=context)
    for values in meanings(name, id_column="cluster_id"):
        rows, _ = folder.find("clusters", _CLUSTER, limit=1, **values)
        if rows:
            return Answer(
                id=rows[0]["cluster_id"], status="kept", place=_place(rows[0]), cluster=rows[0]
            )
    check_is_there(folder, name)
    return Answer(id=name, status="kept")


def _place(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _PLACE if name in row}


def _removed(folder: RunFolder, row: dict[str, Any], *, more: int, context: int) -> Answer:
    clusters, _ = folder.find("clusters", _CLUSTER, limit=1, cluster_id=row["cluster_id"])
    answer = Answer(
        id=row["id"],
        status="removed",
        more=more,
        place=_place(row),
        kept_id=row["kept_id"],
        similarity=row["similarity"],
        cluster=clusters[0] if clusters else {},
    )
    if not clusters:
        forgotten = row["kept_id"] is None
        answer.trouble = (
            f"it was removed for {_FORGOTTEN}."
            if forgotten
            else f"{folder.path} has no row for its cluster."
        )
        return answer
    originals = Originals(run=folder, max_bytes=MAX_TEXT_BYTES, max_scan_bytes=MAX_SCAN_BYTES)
    old, old_trouble = text_or_trouble(originals, place_of(clusters[0]))
    new, new_trouble = text_or_trouble(originals, place_of(row))
    answer.trouble = old_trouble or new_trouble
    if old is not None and new is not None:
        answer.difference = word_diff(old, new, context=context, max_words=5000, max_chars=20_000)
    return answer


def _lines(folder: RunFolder, answer: Answer, *, colours: bool) -> list[str]:
    """What is printed, safe for a terminal."""
    lines = [_verdict(folder, answer)]
    if answer.place:
        lines.append(f"  lies in      {visible(_where(answer.place))}")
    if answer.status == "removed" and answer.cluster:
        lines.append(f"  stays        {visible(f'{answer.kept_id}: {_where(answer.cluster)}')}")
    if answer.cluster:
        lines.append(
            f"  cluster      {counted(answer.cluster['size'], 'documents')}: {_members(answer.cluster)}"
        )
        lines.append(f"  keep policy  {folder.settings.get('keep', 'first')}")
    if answer.more:
        lines.append(f"  {answer.more:,} more removed documents have this id; name one by FILE:ROW")
    if answer.status == "removed":
        shown = "".join(coloured(piece, colours=colours) for piece in answer.difference)
        lines += ["", shown or f"  no texts to compare: {visible(answer.trouble)}"]
    return lines


def _verdict(folder: RunFolder, answer: Answer) -> str:
    name = visible(answer.id)
    if answer.status == "kept" and folder.record.get("job") == "decontaminate":
        return f"{name}: kept; no evaluation item has enough of its n-grams in it"
    if answer.status == "kept":
        size = answer.cluster.get("size", 1)
        fate = (
            f"leads a cluster of {size:,}" if size > 1 else "no other document is a duplicate of it"
        )
        return f"{name}: kept; {fate}"
    kept = _FORGOTTEN if answer.kept_id is None else visible(answer.kept_id)
    if answer.similarity is None:
        return f"{name}: removed as a duplicate of {kept}; their similarity was not computed"
    threshold = folder.settings.get("threshold")
    limit = "" if threshold is None else f", threshold {threshold:g}"
    return f"{name}: removed as a duplicate of {kept}; similarity {answer.similarity:.4f}{limit}"


def _where(place: dict[str, Any]) -> str:
    file = str(place["file"])
    if file.startswith(IN_INDEX):
        file = f"{file.partition('/')[2]} of an earlier run"
    return f"{file}, row {place['row']:,}"


def _members(cluster: dict[str, Any]) -> str:
    names = [cluster["cluster_id"], *cluster["members"][: _SHOWN_MEMBERS - 1]]
    more = cluster["size"] - len(names)
    return visible(", ".join(names)) + (f" and {more:,} more" if more > 0 else "")


def _summary(folder: RunFolder, answer: Answer) -> dict[str, Any]:
    """What `--json` prints; of a large cluster the first hundred members."""
    record = asdict(answer)
    for name in ("members", "similarities"):
        if name in record["cluster"]:
            record["cluster"][name] = record["cluster"][name][:100]
    return {**record, "threshold": folder.settings.get("threshold"), "run": folder.path}
