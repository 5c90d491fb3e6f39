"""Settings of a job: one frozen dataclass gives the options, the YAML keys, the help and the docs.

Fields are plain types with a docstring below each, and a group where it is not `Group.DONE`. The
terminal is `cli.py`'s, the help is `help_pages.py`'s.
"""

import ast
import difflib
import inspect
import itertools
import json
import textwrap
import types
import typing
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, MISSING, Field, dataclass, field, fields
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from curator_engine.errors import SettingsError
from curator_engine.files.sharding import Shard


@dataclass(frozen=True)
class Short:
    """The short form of an option: its letter, as in -o.

    Example:
        top: Annotated[int, Short("k")] = 10
    """

    letter: str


@dataclass(frozen=True)
class Bare:
    """The value of an option that stands by itself: at the end of the line, or before another option.

    Example:
        transcribe: Annotated[str | None, Bare("draft")] = None
    """

    value: str


class Form(Enum):
    """How an option is written, where it is not written as its type says."""

    SWITCH = "switch"
    """Without a value, and without a `--no-` form."""


Flag = Annotated[bool, Form.SWITCH]
"""An option without a value and without a `--no-` form."""


class Group(Enum):
    """What an option is about: help pages show options by these groups, in this order.

    A field names its group in its type; one that names none belongs to `DONE`.

    Example:
        max_row: Annotated[str, Group.LIMITS] = "64MB"
    """

    FILES = "Input and output"
    DONE = "What is done"
    LIMITS = "Limits"
    MODELS = "Models"
    RUNNING = "Running"


class Kind(Enum):
    """What the text of an option is, where it is not any text: help and docs say so.

    Example:
        cache: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """

    FOLDER = "folder"
    FILE = "file"
    SIZE = "size"
    """Bytes, such as 64MB."""
    NAME = "name or path"
    """The name of something that is known, or where it lies."""


type Marks = tuple[Any, ...]
"""What a type of a setting is annotated with."""


class Must(Enum):
    """What has to be true of the path that an option gives, before anything starts."""

    EXIST = "exist"


@dataclass(frozen=True)
class BaseSettings:
    """What every command takes, also one that only reads."""

    takes: ClassVar[str] = "IN..."
    """Files, folders, globs or URLs to read."""
    # A command whose words are something else says so by a `takes` and a docstring of its own.
    needs_input: ClassVar[bool] = True

    inputs: Annotated[list[str], Group.FILES] = field(default_factory=list[str])
    _: KW_ONLY
    json: Annotated[Flag, Group.RUNNING] = False
    """Print one JSON object at the end."""
    config: Annotated[str | None, Group.RUNNING, Kind.FILE] = None
    """A YAML file with any of these options; the command line wins."""
    print_config: Annotated[Flag, Group.RUNNING] = False
    """Print the settings as YAML and do nothing."""
    quiet: Annotated[Flag, Short("q"), Group.RUNNING] = False
    """Print warnings and errors only."""
    verbose: Annotated[Flag, Short("v"), Group.RUNNING] = False
    """Print more, and a traceback if the job fails."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together.
        """

    def check_least(self, least: float, *names: str) -> None:
        """Look whether numbers that are given are large enough.

        Raises:
            SettingsError: One is below `least`, or no number.
        """
        for name in names:
            value = getattr(self, name)
            if value is not None and not value >= least:
                raise SettingsError(f"--{name.replace('_', '-')} {value} is below {least}.")


@dataclass(frozen=True, kw_only=True)
class CommonSettings(BaseSettings):
    """What every job takes that writes a result; a job's own settings extend it, keyword-only."""

    needs_output: ClassVar[bool] = True
    """False for a job that prints its result where no folder is given."""
    output: Annotated[str, Short("o"), Group.FILES, Kind.FOLDER] = ""
    """Folder for the result."""
    executor: Annotated[Literal["local", "xenna", "ray_data", "ray_actor_pool"], Group.RUNNING] = (
        "local"
    )
    """Where to run: this machine, or Ray (the cluster of RAY_ADDRESS, else started here)."""
    workers: Annotated[int | None, Group.RUNNING] = None
    """Worker processes, per stage on Ray; as many as there are CPUs unless given, or fewer for small input."""
    limit: Annotated[int | None, Group.LIMITS] = None
    """Take only the first items, in the order of files."""
    max_rejected_ratio: Annotated[float, Group.LIMITS] = 0.05
    """Fail if more than this ratio of the rows cannot be read, in [0, 1]."""
    resume: Annotated[Flag, Group.RUNNING] = False
    """Go on with a run that was stopped."""
    overwrite: Annotated[Flag, Group.RUNNING] = False
    """Remove the result of an earlier run first."""
    dry_run: Annotated[Flag, Group.RUNNING] = False
    """Print what would be done, with an estimate, and do nothing."""
    shard: Annotated[str | None, Group.RUNNING] = None
    """Do one of several parts of the input, as 3/16 (0/16 to 15/16), or slurm for the task of a job array: into OUT/shard-00003-of-00016. `merge` joins the parts."""
    why_whole: ClassVar[str] = "its items may be compared with each other"
    """Why the job must see its whole input at once; empty if what becomes of an item depends on that item alone."""

    def __post_init__(self) -> None:
        """Give a shard its folders."""
        if not self.shard:
            return
        with suppress(SettingsError):
            # What is wrong with it, `check` says.
            shard = Shard.parse(self.shard)
            object.__setattr__(self, "shard", str(shard))
            for name in ("output", "cache"):
                if path := getattr(self, name, None):
                    object.__setattr__(self, name, shard.below(path))

    @property
    def writes_data(self) -> bool:
        """Whether the job leaves data/, which another job can read."""
        return True

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together.
        """
        super().check()
        if self.resume and self.overwrite:
            raise SettingsError("--resume and --overwrite exclude each other; choose one.")
        self.check_least(1, "workers", "limit")
        if not 0 <= self.max_rejected_ratio <= 1:
            raise SettingsError(f"--max-rejected-ratio {self.max_rejected_ratio} is not in [0, 1].")
        self.check_shard()

    def check_shard(self) -> None:
        """Make sure that the job can be done in shards, if one is asked for.

        Raises:
            SettingsError: It cannot, or the shard is none.
        """
        if self.shard is None:
            return
        Shard.parse(self.shard)
        if self.why_whole:
            raise SettingsError(
                f"--shard {self.shard}: {self.why_whole}, so no part can be done by itself; leave out --shard, "
                "and for several machines use --executor ray_actor_pool."
            )
        if self.limit is not None:
            raise SettingsError("--limit counts over the whole input; leave it out with --shard.")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One subcommand of an app."""

    name: str
    settings: type[BaseSettings]
    run: str | Callable[..., Any]
    """Its `FolderJob`, as "module:class", or a function of settings and Console; imported when it runs."""
    app: str = ""
    """The `ItemApp` that `run` takes before them, as "module:NAME": the engine has the commands on finished runs."""
    help: str
    """One sentence."""
    example: str
    first: tuple[str, ...] = ()
    """The settings that people use first, five at most, for the short help; the first ones unless given."""
    step: str = ""
    """Its `FolderWorkflow`, as "module:class", if the job can be a step of a job file."""
    # A step reads files, leaves data/ and names in its summary what `step_result` of `job_run.py` counts.


@dataclass(frozen=True, kw_only=True)
class FieldHelp:
    """One setting, for help and docs."""

    name: str
    type: str
    default: str
    """As it is written in YAML; empty if there is none."""
    help: str
    group: Group
    flags: tuple[str, ...]
    """As it is written on the command line: -o, --output; the word of `takes` for the inputs."""
    is_choice: bool = False
    """Whether it is one of some words."""


def describe_fields(settings: type[BaseSettings]) -> list[FieldHelp]:
    """The settings of a job: input and output, then its own, then what all jobs have."""
    texts = _field_docstrings(settings)
    texts["inputs"] = texts["takes"]
    known = _types(settings)
    own = set(inspect.get_annotations(settings))
    first = ("inputs", "output")
    ordered = sorted(
        settable_fields(settings), key=lambda f: (f.name not in first, f.name not in own)
    )
    return [
        FieldHelp(
            name=f.name,
            type=_kind_name(*known[f.name]),
            default="" if f.default in (MISSING, "", None) else json.dumps(f.default),
            help=texts.get(f.name, ""),
            group=_group(known[f.name][1]),
            flags=(settings.takes,) if f.name == "inputs" else _flags(f.name, *known[f.name]),
            is_choice=typing.get_origin(known[f.name][0]) is Literal,
        )
        for f in ordered
    ]


def _group(marks: Marks) -> Group:
    named = [mark for mark in marks if isinstance(mark, Group)]
    return named[-1] if named else Group.DONE


def _kind_name(hint: Any, marks: Marks) -> str:
    """The name of a type, with what its text is instead of "text"."""
    kinds = [mark.value for mark in marks if isinstance(mark, Kind)]
    return describe_type(hint).replace("text", kinds[-1]) if kinds else describe_type(hint)


def _flags(name: str, hint: Any, marks: Marks) -> tuple[str, ...]:
    option = name.replace("_", "-")
    short = [f"-{mark.letter}" for mark in marks if isinstance(mark, Short)]
    has_no = hint is bool and Form.SWITCH not in marks
    return (*short, f"--{option}", *([f"--no-{option}"] if has_no else []))


@cache
def flags_of(settings: type[BaseSettings]) -> dict[str, tuple[str, bool | str | None]]:
    """What each flag of a command line stands for: a field, and the value that it gives by itself.

    Example:
        flags_of(CommonSettings)["-q"] == ("quiet", True)
    """
    known = _types(settings)
    return {
        flag: (f.name, _alone(flag, *known[f.name]))
        for f in settable_fields(settings)
        for flag in _flags(f.name, *known[f.name])
    }


def _alone(flag: str, hint: Any, marks: Marks) -> bool | str | None:
    if hint is bool:
        return not flag.startswith("--no-")
    return next((mark.value for mark in marks if isinstance(mark, Bare)), None)


def marks_of(settings: type[BaseSettings], name: str) -> Marks:
    """What the type of a setting is annotated with: its `Group`, its `Kind`, what it `Must`."""
    return _types(settings)[name][1]


def close_name(name: str, known: Sequence[str]) -> str:
    """What to say of an unknown name: the nearest known one, or all of them."""
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}."


def settable_fields(settings: type[BaseSettings]) -> list[Field[Any]]:
    """The fields in the order of help and docs: the input, what is the job's, what all take."""
    last = {f.name for f in fields(BaseSettings)} - {"inputs"}
    return sorted((f for f in fields(settings) if f.init), key=lambda f: f.name in last)


def hints_of(settings: type[BaseSettings]) -> dict[str, Any]:
    """The type of each setting, without marks."""
    return {name: hint for name, (hint, _) in _types(settings).items()}


@cache
def _types(settings: type[BaseSettings]) -> dict[str, tuple[Any, Marks]]:
    """The type of each setting and its marks; of two of a kind the last counts."""
    hints = typing.get_type_hints(settings, include_extras=True)
    return {name: _without_marks(hint) for name, hint in hints.items()}


def _without_marks(hint: Any) -> tuple[Any, Marks]:
    marks: Marks = ()
    while True:
        if isinstance(hint, typing.TypeAliasType):
            # A name for a type counts as that type, marks and all.
            hint = hint.__value__
        elif typing.get_origin(hint) is Annotated:
            hint, marks = hint.__origin__, hint.__metadata__ + marks
        else:
            return hint, marks


def _field_docstrings(settings: type) -> dict[str, str]:
    """The string below each field, as written in the source of the class and its bases."""
    texts: dict[str, str] = {}
    for cls in reversed(settings.__mro__[:-1]):
        texts |= _own_docstrings(cls)
    return texts


@cache
def _own_docstrings(cls: type) -> dict[str, str]:
    texts: dict[str, str] = {}
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    lines = body.body if isinstance(body, ast.ClassDef) else []
    for before, after in itertools.pairwise(lines):
        if not (isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name)):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            texts[before.target.id] = " ".join(str(after.value.value).split())
    return texts


def describe_type(hint: Any) -> str:
    """A type of a setting in words, such as "whole number"."""
    if typing.get_origin(hint) is Literal:
        return " | ".join(str(choice) for choice in typing.get_args(hint))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " | ".join(
            describe_type(part) for part in typing.get_args(hint) if part is not type(None)
        )
    if typing.get_origin(hint) is list:
        return f"{describe_type(typing.get_args(hint)[0])}, several"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "yes or no"}.get(
        hint.__name__, str(hint)
    )


def is_union(hint: Any) -> bool:
    """Whether a type is one of several."""
    return typing.get_origin(hint) in (typing.Union, types.UnionType)
