"""The help of an app: `-h` in short, `--help` whole, and `docs/cli.md`; all from the settings.

What the command line takes is parsed in `cli.py`; these pages are only shown.
"""

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from curator_engine.commands.settings import (
    BaseSettings,
    CommonSettings,
    FieldHelp,
    Group,
    Job,
    Kind,
    describe_fields,
)

_SHORT, _WHOLE = "-h", "--help"
_MOST_FIRST = 5
"""Options in the short help."""
_INDENT = 28
"""Columns that an option takes before what it does is said."""
_MOST_COLUMNS = 100
"""Longer lines are hard to read, however wide the terminal is."""
_VALUES = {
    "text": "TEXT",
    "whole number": "N",
    "number": "X",
    "text, several": "TEXT...",
    **{kind.value: kind.name for kind in Kind},
    **{f"{kind.value}, several": f"{kind.name}..." for kind in Kind},
}
_EXIT_CODES = (
    "Exit codes: 0 done; 1 failed; 2 nothing was done because of the input or the options; 3 done, "
    "with something in quarantine; 130 or 143 interrupted."
)


def asked_help(name: str, jobs: Sequence[Job], words: Sequence[str]) -> str | None:
    """The page that a command line asks for, or None if it asks for none.

    Args:
        name: The command.
        jobs: Its subcommands.
        words: The arguments; without any the page of the app is asked for.
    """
    asked = words[: words.index("--")] if "--" in words else words
    if words and _SHORT not in asked and _WHOLE not in asked:
        return None
    job = next((job for job in jobs if words and job.name == words[0]), None)
    if job:
        return whole_help(name, job) if _WHOLE in asked else short_help(name, job)
    is_of_app = not words or words[0] in (_SHORT, _WHOLE, "run")
    return app_help(name, jobs) if is_of_app else None


def app_help(name: str, jobs: Sequence[Job]) -> str:
    """The commands of an app, each with one sentence."""
    commands = [(job.name, job.help) for job in jobs]
    run = [
        (
            "run JOB.yaml",
            "Run the command that the file's key `job` names; its other keys are the options.",
        )
    ]
    if any(job.name == "run" for job in jobs):
        run = []
    return "\n".join(
        [
            f"usage: {name} COMMAND ...",
            "",
            *_rows([*commands, *run, ("--version", "Print the version.")]),
            "",
            f"{name} COMMAND -h shows what people use first, {name} COMMAND --help all options.",
            *_wrapped(_EXIT_CODES),
        ]
    )


def short_help(name: str, job: Job) -> str:
    """What a command does, and the options that people use first."""
    options = describe_fields(job.settings)
    shown = [each for each in options if each.name == "inputs"] + _first(job, options)
    lines = [*_head(name, job), *_rows((_synopsis(each), each.help) for each in shown)]
    last = f"{name} {job.name} --help shows all {len(options) - 1} options."
    return "\n".join([*lines, "", f"example: {job.example}", "", last])


def whole_help(name: str, job: Job) -> str:
    """What a command does, and all its options by groups."""
    lines = _head(name, job)
    for group, options in _grouped(job.settings):
        lines += [f"{group.value}:", *_rows((_synopsis(o), _full(o)) for o in options), ""]
    return "\n".join([*lines, f"example: {job.example}", "", *_wrapped(_EXIT_CODES)])


def cli_reference(name: str, jobs: Sequence[Job]) -> str:
    """The commands and their options as a Markdown page."""
    parts = [f"# {name}\n"]
    for job in jobs:
        parts.append(f"## {name} {job.name}\n\n{job.help}\n\n```\n{job.example}\n```\n")
        for group, options in _grouped(job.settings):
            parts.append(f"**{group.value}**\n\n| option | type | default | |\n|---|---|---|---|")
            parts += [_table_row(each) for each in options]
            parts.append("")
    parts.append(
        f"`{name} run job.yaml` runs the job that the key `job` of the file names; the other keys are the "
        f"options. `{name} COMMAND -h` shows what people use first.\n\n{_EXIT_CODES}\n"
    )
    return "\n".join(parts)


def _table_row(each: FieldHelp) -> str:
    flags = each.flags[0] if each.name == "inputs" else ", ".join(f"`{f}`" for f in each.flags)
    default = f"`{each.default}`" if each.default else ""
    kind = each.type.replace("|", "\\|")
    return f"| {flags} | {kind} | {default} | {each.help} |"


def _head(name: str, job: Job) -> list[str]:
    output = ""
    if issubclass(job.settings, CommonSettings):
        output = " -o OUT" if job.settings.needs_output else " [-o OUT]"
    usage = f"usage: {name} {job.name} {job.settings.takes}{output} [options]"
    return [*_wrapped(job.help), "", usage, ""]


def _first(job: Job, options: list[FieldHelp]) -> list[FieldHelp]:
    named = {each.name: each for each in options if each.name != "inputs"}
    return [named[name] for name in job.first or list(named)[:_MOST_FIRST]]


def _grouped(settings: type[BaseSettings]) -> list[tuple[Group, list[FieldHelp]]]:
    """The groups that have options, in order."""
    options = describe_fields(settings)
    groups = [(group, [each for each in options if each.group == group]) for group in Group]
    return [(group, members) for group, members in groups if members]


def _synopsis(each: FieldHelp) -> str:
    if each.name == "inputs":
        return each.flags[0]
    return f"{', '.join(each.flags)} {_value(each)}".rstrip()


def _value(each: FieldHelp) -> str:
    """What stands for the value of an option: TEXT, N, X, X|auto; nothing for a switch."""
    kinds = each.type.split(" | ")
    if _is_choice(each):
        return "WHICH"
    return "" if kinds == ["yes or no"] else "|".join(_VALUES.get(kind, kind) for kind in kinds)


def _is_choice(each: FieldHelp) -> bool:
    kinds = each.type.split(" | ")
    # Words such as folder also name kinds of values.
    return each.is_choice or (len(kinds) > 1 and not set(kinds) & set(_VALUES))


def _full(each: FieldHelp) -> str:
    """What an option does, with its choices and its default."""
    choices = f" One of {each.type.replace(' | ', ', ')}." if _is_choice(each) else ""
    default = "" if each.default in ("", "false") else f" [default: {each.default.strip('"')}]"
    return f"{each.help}{choices}{default}"


def _rows(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Two columns; what is too wide for the first has a line of its own."""
    lines: list[str] = []
    for left, right in rows:
        texts = _wrapped(right, indent=_INDENT) or [""]
        if len(left) + 4 <= _INDENT:
            texts[0] = f"  {left}".ljust(_INDENT) + texts[0].lstrip()
        else:
            lines.append(f"  {left}")
        lines += texts
    return lines


def _wrapped(text: str, *, indent: int = 0) -> list[str]:
    columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    return textwrap.wrap(
        text, max(columns, _INDENT + 20), initial_indent=" " * indent, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
