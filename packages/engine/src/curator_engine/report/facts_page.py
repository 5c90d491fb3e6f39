"""The page `report.html` of a job that lists no documents: what `run.json` says, with sections of the job's own."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from curator_engine.report import html_page as page
from curator_engine.running.run_record import read_record


def facts_page(
    output: str,
    title: str,
    sections: Callable[[dict[str, Any]], Iterable[str]],
    *,
    styles: Sequence[tuple[str, str]] = (),
) -> str:
    """The page of the run in a folder, as text.

    Args:
        output: The folder.
        title: Its heading; plain text.
        sections: Makes what only this job shows of the facts of the run, as HTML.
        styles: Style sheets that it needs, as `assemble` takes them.

    Raises:
        InputError: It is not the folder of a run.

    Example:
        facts_page("pages", "Download", lambda facts: [_totals(facts), _reasons(facts)])
    """
    record = read_record(output)
    facts: dict[str, Any] = record.get("facts", {})
    parts = [
        page.header(
            title,
            path=output,
            status=str(record.get("status", "")),
            program=f"version {record.get('version', '')}",
            started="",
        ),
        *sections(facts),
        page.notes(facts.get("notes", [])),
        page.settings_section(record.get("settings", {})),
    ]
    return page.assemble(f"{record.get('job', '')}: {output}", parts, styles=styles)
