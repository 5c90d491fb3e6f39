"""The page of a run: one HTML file without scripts, links or fonts from elsewhere.

So it works offline and may be mailed. The parts here take HTML and put it together; all that comes
from files, names and settings goes through `escaped` first, and the page's policy forbids scripts.
"""

import base64
import hashlib
import html
import json
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.redaction import redacted
from curator_engine.report.visible_text import visible

PAGE = "report.html"
_MAX_NOTES = 20

_logger = logging.getLogger(__name__)


def try_to(write: Callable[[str], None], output: str) -> str | None:
    """Try to write the page of a run; a failure does not fail the run.

    Args:
        write: Writes the page into the folder of a run.
        output: The folder.

    Returns:
        A line that says why there is no page, or None.
    """
    try:
        write(output)
    except Exception as error:
        # The run is finished and its result is whole, whatever is wrong with the page.
        _logger.debug("no report of %s", output, exc_info=True)
        reason = " ".join(str(error).split()) or type(error).__name__
        return f"{join(output, PAGE)} was not written: {reason}"
    return None


def try_page(build: Callable[[str], str], output: str) -> str | None:
    """Try to write the page that `build` makes of the folder of a run; see `try_to`."""
    return try_to(lambda folder: write(folder, build(folder)), output)


def write(output: str, page: str) -> None:
    """Write the page into the folder of a run.

    Raises:
        StorageError: It cannot be written.
    """
    write_atomic(join(output, PAGE), redacted(page).encode("utf-8", "replace"))


def assemble(
    title: str,
    parts: Iterable[str],
    *,
    app: str = "",
    styles: Sequence[tuple[str, str]] = (),
    pictures: bool = False,
    sounds: bool = False,
) -> str:
    """The page as text.

    Args:
        title: Of the window; plain text.
        parts: What the page shows, as HTML, in order.
        app: Package whose `report.css` is added to the style of all pages; none if empty.
        styles: Style sheets before the app's: package and name.
        pictures: Whether the page holds pictures, as data addresses.
        sounds: Likewise.
    """
    style = "".join(
        files(package).joinpath(name).read_text(encoding="utf-8")
        for package, name in (
            ("curator_engine.report", "page.css"),
            *styles,
            *([(f"{app}.report", "report.css")] if app else []),
        )
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; "
        f"{'img-src data:; ' if pictures else ''}{'media-src data:; ' if sounds else ''}base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n"
        f"</head>\n<body>\n<main>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def escaped(value: Any) -> str:
    """A value as text of the page: nothing in it is a tag, or turns the writing around."""
    return html.escape(visible(str(value)))


def number(name: str, value: float, shown: str) -> str:
    """A number of the run's files that a program can find again by its name."""
    return f'<data id="{escaped(name)}" value="{value}">{shown}</data>'


def header(title: str, *, path: str, status: str, program: str, started: str) -> str:
    """What was run, where and when; plain texts, the start as an ISO time or empty."""
    about = ", ".join(filter(None, [program, started.replace("T", " ")[:16]]))
    return (
        f'<header>\n<h1>{escaped(title)}</h1>\n<p class="where"><code>{escaped(path)}</code> '
        f'<span class="status {"done" if status == "done" else "other"}">{escaped(status)}</span></p>\n'
        f'<p class="about">{escaped(about)}</p>\n</header>\n'
    )


def alarms(lines: Sequence[Any]) -> str:
    """What a person should act on, as plain texts; nothing if there is nothing."""
    return _box("alarms", "Look at this", lines)


def notes(lines: Sequence[Any]) -> str:
    """What a person may want to know, as a package that is not installed; nothing if there is nothing."""
    return _box("notes", "Notes", lines)


def _box(kind: str, title: str, lines: Sequence[Any]) -> str:
    if not lines:
        return ""
    shown = "".join(f"<li>{escaped(line)}</li>" for line in lines[:_MAX_NOTES])
    left = len(lines) - _MAX_NOTES
    more = f"<li>and {left:,} more, in run.json</li>" if left > 0 else ""
    return (
        f'<aside class="{kind}" role="note">\n<h2>{title}</h2>\n<ul>{shown}{more}</ul>\n</aside>\n'
    )


def cards(totals: Iterable[tuple[str, str, str]]) -> str:
    """The figures that matter most: name, figure and a note, or an empty one."""
    shown = "".join(
        f'<div class="card"><dt>{name}</dt><dd>{value}</dd><dd class="note">{note}</dd></div>'
        for name, value, note in totals
    )
    return f'<dl class="cards">{shown}</dl>\n'


def section(title: str, lead: str, content: str) -> str:
    """A part of the page with its title and a sentence on what it shows."""
    return f'<section>\n<h2>{title}</h2>\n<p class="lead">{lead}</p>\n{content}\n</section>\n'


def settings_section(settings: Mapping[str, Any]) -> str:
    """The settings that are set, as a person writes them."""
    rows = [
        (escaped(name), f"<code>{escaped(_written(value))}</code>")
        for name, value in settings.items()
        if value is not None
    ]
    content = details("All settings", table(["setting", "value"], rows))
    return f"<section>\n<h2>Settings</h2>\n{content}\n</section>\n"


def details(title: str, content: str) -> str:
    """Something that is shown if its title is clicked."""
    return f"<details>\n<summary>{title}</summary>\n{content}\n</details>"


def table(
    head: Iterable[str], rows: Iterable[Iterable[str]], *, numeric: Collection[int] = ()
) -> str:
    """A table; `numeric` are the columns of figures, from 0."""

    def cells(row: Iterable[str], tag: str) -> str:
        return "".join(
            f'<{tag} class="number">{cell}</{tag}>' if i in numeric else f"<{tag}>{cell}</{tag}>"
            for i, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>\n" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{cells(head, "th")}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>'


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
