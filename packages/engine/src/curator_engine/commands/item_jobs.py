"""The commands on finished runs of an app of items: filter, dedup, search, report; shard is `item_shards.py`.

Each takes the app, its settings and the console, and does with a run's table what the command says.
What was found is written first, then files move, then the table: a stopped call, repeated, does the rest.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.item_app import ItemApp, ids_of, stored
from curator_engine.commands.item_settings import (
    DedupSettings,
    FilterSettings,
    RunSettings,
    SearchSettings,
)
from curator_engine.counted import counted
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.items.choice import choose, describe
from curator_engine.items.copies import COPIES, SEMANTIC
from curator_engine.items.item_table import DUPLICATES
from curator_engine.items.near_duplicates import (
    STAGE,
    NearDuplicates,
    find_near_duplicates,
    mark,
)
from curator_engine.items.nearest import nearest
from curator_engine.items.stored_embeddings import FINGERPRINT, choose_embedding
from curator_engine.report.html_page import PAGE
from curator_engine.running.run_record import read_record
from curator_engine.stages.table_files import write_table
from curator_engine.vectors.choose_eps import FALLBACK_EPS, LOWEST, histogram_lines

FACTS = "dedup.json"
_compute: Any = pc


def filter_items(app: ItemApp, settings: FilterSettings, console: Console) -> JobResult:
    """Show what a condition on stored scores keeps, and apply it if asked to; nothing is computed again.

    Raises:
        CuratorError: Not the folder of a run, or not a condition.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with app.change(output):
        table = app.items.read(output)
        choice = choose(
            table,
            settings.where,
            restore=settings.restore,
            lasting=app.lasting,
            needs_file=app.needs_file,
        )
        summary, lines = describe(choice, unit=app.items.unit, hint=app.no_file_hint)
        if not settings.apply:
            lines.append("nothing was changed; --apply changes the marks and the files")
            return JobResult(summary={**summary, "applied": False, "moved": 0}, lines=lines)
        moved, line = app.apply(output, choice.table, record)
        _write_page(app, output, console)
    return JobResult(summary={**summary, "applied": True, "moved": moved}, lines=[*lines, line])


def dedup_items(app: ItemApp, settings: DedupSettings, console: Console) -> JobResult:
    """Find near-duplicates by stored embeddings, and mark them if asked to.

    Items that an earlier call took out may come back with another eps or keep.

    Raises:
        CuratorError: Not the folder of a finished run, or one without embeddings.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with app.change(output):
        table = app.items.read(output)
        compared = _compare(app, output, table, settings)
        unit = app.items.unit
        if compared.without:
            console.warn(f"{compared.without:,} {unit} have no embedding and were not compared")
        summary, lines = _describe(compared, settings, unit)
        write_table(join(output, DUPLICATES), compared.found.table)
        moved = 0
        if settings.apply:
            moved, line = app.apply(output, mark(table, compared.found), record)
            lines.append(line)
        else:
            lines.append(
                f"listed in {join(output, DUPLICATES)}; --apply marks them and moves their files"
            )
        summary |= {"applied": settings.apply, "moved": moved}
        write_atomic(join(output, FACTS), json.dumps(summary, indent=1).encode())
        _write_page(app, output, console)
    return JobResult(summary=summary, lines=lines)


def dedup_copies(
    app: ItemApp,
    settings: RunSettings,
    console: Console,
    find: Callable[[str], tuple[pa.Table, pa.Table]],
    *,
    apply: bool,
) -> JobResult:
    """Find copies in an app's own way, and mark them if asked to; those of an earlier call may come back.

    Args:
        app: The app.
        settings: Name the run.
        console: Gets warnings.
        find: Gives the table of the run in a folder with marks on copies, and the list of these.
        apply: Whether to mark them.

    Raises:
        CuratorError: Not the folder of a finished run, or its input has changed or is gone.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with app.change(output):
        table, pairs = find(output)
        write_table(join(output, DUPLICATES), pairs)
        counts = Counter(table.column("drop_stage").to_pylist())
        # Few apps look for what means the same.
        found = {stage: counts[stage] for stage in COPIES if stage != SEMANTIC or counts[stage]}
        said = ", ".join(f"{count:,} {stage}" for stage, count in found.items())
        stay = len(set(pairs.column("kept_id").to_pylist()))
        unit = app.items.unit
        compared = table.column("keep").to_pylist().count(True) + sum(found.values())
        lines = [f"{said} of {compared:,} {unit} are copies of {stay:,} that stay"]
        if not stay:
            lines = [f"none of {compared:,} {unit} is a copy"]
        moved = 0
        if apply:
            moved, line = app.apply(output, table, record)
            lines.append(line)
        else:
            lines.append(
                f"listed in {join(output, DUPLICATES)}; --apply marks them and writes data/ again"
            )
        _write_page(app, output, console)
    summary = {unit: table.num_rows, **found, "applied": apply, "moved": moved}
    return JobResult(summary=summary, lines=lines)


def search_items(app: ItemApp, settings: SearchSettings, console: Console) -> JobResult:
    """Rank the items by the similarity of their stored embeddings to the query.

    Raises:
        CuratorError: Not the folder of a run, no embeddings, or a query that they do not allow.
    """
    output, query = settings.inputs
    record = read_record(output)
    table = app.items.read(output).select(list(app.shown))
    name = app.searched(output, record)
    ids, vectors = stored(output, name, set(ids_of(table)))
    wanted = vectors[ids.index(query)] if query in ids else app.query_vector(settings, record)
    found = nearest(table, ids, vectors, wanted, top=settings.top) if ids else []
    return JobResult(
        summary={"query": query, "embeddings": name, app.items.unit: found},
        lines=[app.found_line(output, row) for row in found]
        or [f"no {app.items.unit} have an embedding"],
    )


def report_items(app: ItemApp, settings: RunSettings, console: Console) -> JobResult:
    """Write what counts items, and the page, from what is in the folder.

    Raises:
        CuratorError: Not the folder of a finished run, or it cannot be written.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with app.change(output):
        app.count(output, record)
        app.write_page(output)
    page = join(output, PAGE)
    return JobResult(summary={"report": page}, lines=[f"wrote {page}"])


def _write_page(app: ItemApp, output: str, console: Console) -> None:
    if note := app.try_page(output):
        console.warn(note)


@dataclass(frozen=True, kw_only=True)
class _Comparison:
    """What was compared, and what was found."""

    embedding: str
    compared: int
    without: int
    """Items that take part but have no embedding that can be used."""
    found: NearDuplicates


def _compare(app: ItemApp, output: str, table: pa.Table, settings: DedupSettings) -> _Comparison:
    """Compare the items that are kept, or were dropped by an earlier `dedup` only.

    Raises:
        InputError: There are no such embeddings.
    """
    mine = _compute.equal(table.column("drop_stage"), STAGE)
    ordered = app.rank(table.filter(_compute.or_(table.column("keep"), mine)), settings.keep)
    name = choose_embedding(output, settings.embedding)
    ids, matrix = stored(output, name, set(ordered))
    place = {each: row for row, each in enumerate(ids)}
    known = [each for each in ordered if each in place]
    found = find_near_duplicates(
        known,
        matrix[[place[each] for each in known]],
        eps=settings.eps,
        fallback=app.fallback_eps if name == FINGERPRINT else FALLBACK_EPS,
        device=settings.device,
    )
    return _Comparison(
        embedding=name, compared=len(known), without=len(ordered) - len(known), found=found
    )


def _describe(
    compared: _Comparison, settings: DedupSettings, unit: str
) -> tuple[dict[str, Any], list[str]]:
    """The figures, and the lines that a person reads."""
    found = compared.found
    groups = len(set(found.table.column("group").to_pylist()))
    going = found.table.num_rows
    summary = {
        unit: compared.compared,
        "duplicates": going,
        "groups": groups,
        "without_embedding": compared.without,
        "embedding": compared.embedding,
        "keep": settings.keep,
        "eps": found.choice.eps,
        "eps_reason": found.choice.reason,
        "clusters": found.clusters,
        "histogram": {"lowest": LOWEST, "highest": 1.0, "counts": found.counts.tolist()},
    }
    lines: list[str] = []
    if settings.eps == "auto":
        lines.append(f"similarity to the most similar better one: {unit}")
        lines += histogram_lines(found.counts, found.choice.eps)
        lines.append(found.choice.reason)
    lines.append(
        f"{counted(compared.compared, unit)} compared by {compared.embedding}: "
        f"{counted(going, 'near-duplicates')} in {counted(groups, 'groups')}"
    )
    return summary, lines
