"""Read a job file: each key and option with its line, its type and what its paths are relative to.

What a job file is stands in `job_file.py`. YAML is not trusted: no tags, no aliases, a limit on its size.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path
from typing import Any

import yaml

from curator_engine.commands.job_file import (
    NOT_OF_A_STEP,
    RUN_KEYS,
    JobFile,
    JobStep,
    is_made_by,
    options_of,
)
from curator_engine.commands.settings import (
    BaseSettings,
    CommonSettings,
    Job,
    Kind,
    Must,
    close_name,
    marks_of,
)
from curator_engine.commands.settings_file import option_value
from curator_engine.counted import counted
from curator_engine.errors import SettingsError
from curator_engine.files.paths import is_remote, join, local_path
from curator_engine.files.storage import exists
from curator_engine.files.yaml_file import read_mapping

_MOST_STEPS = 99


def read_job_file(
    path: str,
    *,
    steps: Sequence[Job],
    changes: Sequence[str] = (),
    output: str = "",
    options: Mapping[str, Any] | None = None,
) -> JobFile:
    """Read a job file and check its options; the input is not looked at yet.

    Args:
        path: The file.
        steps: Jobs of the app; those that can be a step count.
        changes: Such as "fuzzy.threshold=0.7" or "limit=100"; a step may be named by its number.
        output: Output folder instead of the file's.
        options: Options of the run instead of the file's.

    Raises:
        SettingsError: The file is not as it must be; with file and line.
    """
    reader = _Reader(path=path, known={job.name: job for job in steps if job.step})
    reader.read()
    for change in changes:
        reader.change(change)
    return reader.made(output=output, options=options or {})


@dataclass(kw_only=True)
class _Option:
    """An option as it was given."""

    name: str
    node: yaml.Node
    where: str
    base: str
    """Folder that its paths are relative to."""


@dataclass(kw_only=True)
class _Step:
    """A step as it was given."""

    job: Job
    where: str
    options: list[_Option] = field(default_factory=list[_Option])


@dataclass(kw_only=True)
class _Reader:
    """Reads one job file."""

    path: str
    known: dict[str, Job]
    top: dict[str, _Option] = field(default_factory=dict[str, _Option])
    steps: list[_Step] = field(default_factory=list[_Step])

    @property
    def base(self) -> str:
        """Folder of the file, empty for the working directory."""
        folder = str(Path(self.path).parent)
        return "" if folder == "." else folder

    def where(self, node: yaml.Node) -> str:
        return f"{self.path}:{node.start_mark.line + 1}"

    def read(self) -> None:
        """Read the file as far as it can be done without the types of options."""
        for name, node, where in self.pairs(read_mapping(self.path)):
            if name in self.top:
                raise SettingsError(f"{where}: {name} stands twice; leave one out.")
            self.top[name] = _Option(name=name, node=node, where=where, base=self.base)
        listed = self.top.pop("steps", None)
        if listed is None or not isinstance(listed.node, yaml.SequenceNode):
            at = listed.where if listed else self.path
            raise SettingsError(f"{at}: no list of steps; write steps: and below it - {self.any()}")
        if not 1 <= len(listed.node.value) <= _MOST_STEPS:
            raise SettingsError(
                f"{listed.where}: {counted(len(listed.node.value), 'steps')}; a job has 1 to {_MOST_STEPS}."
            )
        self.steps = [self.step(node) for node in listed.node.value]

    def any(self) -> str:
        """The name of a step, for messages."""
        return next(iter(self.known), "STEP")

    def pairs(self, nodes: list[Any]) -> list[tuple[str, yaml.Node, str]]:
        """Keys as names of options, values, places."""
        for key, _ in nodes:
            if not isinstance(key, yaml.ScalarNode):
                raise SettingsError(f"{self.where(key)}: a key is a word.")
        return [(str(k.value).replace("-", "_"), v, self.where(k)) for k, v in nodes]

    def step(self, node: yaml.Node) -> _Step:
        """A step: its name, or its name with options."""
        where, options = self.where(node), None
        if isinstance(node, yaml.ScalarNode):
            name = str(node.value)
        elif isinstance(node, yaml.MappingNode) and len(node.value) == 1:
            key, options = node.value[0]
            name = str(key.value)
        else:
            raise SettingsError(
                f"{where}: no step; write it as - {self.any()} or - {self.any()}: {{option: value}}"
            )
        job = self.known.get(name)
        if job is None:
            raise SettingsError(f"{where}: no step {name!r}; {close_name(name, list(self.known))}")
        step = _Step(job=job, where=where)
        if options is None or (isinstance(options, yaml.ScalarNode) and not options.value):
            return step
        if not isinstance(options, yaml.MappingNode):
            raise SettingsError(
                f"{where}: the options of {name} are no mapping; write {name}: {{option: value}}"
            )
        for option, value, place in self.pairs(options.value):
            if option in [each.name for each in step.options]:
                raise SettingsError(f"{place}: {name}.{option} stands twice; leave one out.")
            self.check_option(job, option, place)
            step.options.append(_Option(name=option, node=value, where=place, base=self.base))
        return step

    def check_option(self, job: Job, option: str, where: str) -> None:
        """Make sure that a step has an option.

        Raises:
            SettingsError: It has not.
        """
        if option in NOT_OF_A_STEP:
            beside = "; write it beside steps" if option in RUN_KEYS else "; leave it out"
            raise SettingsError(f"{where}: {option} is the run's to say, not a step's{beside}.")
        known = options_of(job)
        if option not in known:
            raise SettingsError(
                f"{where}: {job.name} has no option {option!r}; {close_name(option, known)}"
            )

    def change(self, change: str) -> None:
        """Apply a change of the command line; its paths are relative to the working directory.

        Raises:
            SettingsError: It names no step or option.
        """
        where = f"--set {change}"
        target, equals, text = change.partition("=")
        name, dot, option = target.strip().rpartition(".")
        option = option.replace("-", "_")
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            raise SettingsError(f"{where}: {text!r} is no value.") from error
        if not equals or not option or node is None:
            raise SettingsError(f"{where}: write it as {self.any()}.option=value, or option=value.")
        given = _Option(name=option, node=node, where=where, base="")
        if not dot:
            self.top[option] = given
            return
        step = self.named(name, where)
        self.check_option(step.job, option, where)
        step.options = [each for each in step.options if each.name != option] + [given]

    def named(self, name: str, where: str) -> _Step:
        """The step of a name, a number, or both as its folder has them."""
        folders = {f"{i:02d}-{step.job.name}": step for i, step in enumerate(self.steps, 1)}
        numbers = {str(i): step for i, step in enumerate(self.steps, 1)}
        names = Counter(step.job.name for step in self.steps)
        once = {step.job.name: step for step in self.steps if names[step.job.name] == 1}
        if found := {**folders, **numbers, **once}.get(name):
            return found
        if names[name] > 1:
            choices = ", ".join(each for each in folders if each.endswith(f"-{name}"))
            raise SettingsError(f"{where}: {name} is {names[name]} steps; name one of {choices}.")
        raise SettingsError(
            f"{where}: the job has no step {name!r}; {close_name(name, list(once or folders))}"
        )

    def made(self, *, output: str, options: Mapping[str, Any]) -> JobFile:
        """The job.

        Raises:
            SettingsError: An option is unknown, of a wrong type, or does not fit with others.
        """
        top = dict(self.top)
        places, out = top.pop("input", None), self.output(top.pop("output", None))
        run = {
            name: option_value(CommonSettings, name, each.node, f"{each.where}: {name}")
            for name in RUN_KEYS
            if (each := top.pop(name, None))
        }
        run |= {name: value for name, value in options.items() if value is not None}
        self.check_shared(top)
        inputs = self.places(places)
        steps = [
            JobStep(
                number=i,
                job=step.job,
                settings=self.settings(step, list(top.values())),
                where=step.where,
            )
            for i, step in enumerate(self.steps, 1)
        ]
        for step in steps:
            step.check(run.get("shard"))
        lines = {name: each.where for name, each in self.top.items()}
        if output or not out:
            lines["output"] = "--output"
        if not (output or out):
            raise SettingsError(f"{self.path}: no output folder; write output: FOLDER")
        job = JobFile(
            path=self.path,
            inputs=inputs,
            output=output or out,
            steps=steps,
            options=run,
            lines=lines,
        )
        job.settings_of(steps[0], inputs=inputs, output=job.output).check()
        return job

    def check_shared(self, top: Mapping[str, _Option]) -> None:
        """Make sure that what stands beside `steps` is an option of a step.

        Raises:
            SettingsError: It is of none.
        """
        shared = dict.fromkeys(o for step in self.steps for o in options_of(step.job))
        known = ["input", "output", "steps", *RUN_KEYS, *shared]
        for name, option in top.items():
            if name not in shared:
                raise SettingsError(f"{option.where}: no key {name!r}; {close_name(name, known)}")

    def places(self, given: _Option | None) -> list[str]:
        """The paths of the input.

        Raises:
            SettingsError: There are none.
        """
        if given is None:
            raise SettingsError(f"{self.path}: no input; write input: PATH, or a list of them.")
        found = option_value(BaseSettings, "inputs", given.node, f"{given.where}: input")
        if not found or not all(found):
            raise SettingsError(f"{given.where}: no input; write input: PATH, or a list of them.")
        return [_beside(given.base, path) for path in found]

    def output(self, given: _Option | None) -> str:
        if given is None:
            return ""
        path = option_value(CommonSettings, "output", given.node, f"{given.where}: output")
        return _beside(given.base, path) if path else ""

    def settings(self, step: _Step, shared: Sequence[_Option]) -> Any:
        """The settings of a step: its own options, and those beside `steps` that it has."""
        kind, known = step.job.settings, options_of(step.job)
        given = [each for each in shared if each.name in known]
        values = {each.name: _value_of(kind, step.job.name, each) for each in given}
        values |= {each.name: _value_of(kind, step.job.name, each) for each in step.options}
        made: Any = kind
        settings = made(**values)
        for each in [*given, *step.options]:
            _check_path(settings, each, f"{each.where}: {step.job.name}.{each.name}")
        return settings


def _value_of(kind: type[BaseSettings], step: str, option: _Option) -> Any:
    """The value of an option, its paths made relative to the working directory."""
    where = f"{option.where}: {step}.{option.name}"
    value, marks = option_value(kind, option.name, option.node, where), marks_of(kind, option.name)
    values = value if isinstance(value, list) else [value]
    resolved = [_resolved(each, option.base, marks) for each in values]
    return resolved if isinstance(value, list) else resolved[0]


def _check_path(settings: Any, option: _Option, where: str) -> None:
    """Make sure that what an option names is there, unless the step itself makes it.

    Raises:
        SettingsError: It is not.
    """
    if Must.EXIST not in marks_of(type(settings), option.name):
        return
    value = getattr(settings, option.name)
    for path in value if isinstance(value, list) else [value]:
        is_plain = path and not is_remote(path) and not has_magic(path)
        if is_plain and not exists(path) and not is_made_by(settings, option.name, path):
            raise SettingsError(f"{where}: {path} does not exist; check the path.")


def _resolved(value: Any, base: str, marks: Sequence[Any]) -> Any:
    if not isinstance(value, str) or not value:
        return value
    beside = _beside(base, value)
    if Kind.FOLDER in marks or Kind.FILE in marks:
        return beside
    # A name that is known may also be the name of a file; a path that is there is meant as one.
    return beside if Kind.NAME in marks and not is_remote(beside) and exists(beside) else value


def _beside(base: str, path: str) -> str:
    """A path of a file in a folder, as seen from the working directory."""
    path = local_path(path)
    stays = is_remote(path) or Path(path).is_absolute() or not base
    return path if stays else join(base, path)
