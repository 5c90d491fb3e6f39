"""Settings as YAML: read from a file, with their types checked, and written so that they are read back."""

import typing
from dataclasses import fields
from typing import Any, Literal

import yaml

from curator_engine.commands.settings import (
    BaseSettings,
    close_name,
    describe_type,
    hints_of,
    is_union,
    settable_fields,
)
from curator_engine.errors import SettingsError
from curator_engine.files.yaml_file import read_mapping


def option_value(settings: type[BaseSettings], name: str, node: yaml.Node, where: str) -> Any:
    """The value that a node of a YAML file gives to a setting.

    Raises:
        SettingsError: It is of another type; the message begins with `where`.
    """
    return _value(node, hints_of(settings)[name], where)


def load_settings(settings: type[BaseSettings], path: str) -> dict[str, Any]:
    """Read the settings that a YAML file gives, checked; `job` is left out.

    Raises:
        SettingsError: Not readable, not YAML, an unknown or repeated key, or a value of the wrong
            type; with file and line.
    """
    hints = hints_of(settings)
    known = [f.name for f in settable_fields(settings)]
    values: dict[str, Any] = {}
    for key, value in read_mapping(path):
        name = str(key.value).replace("-", "_")
        where = f"{path}:{key.start_mark.line + 1}"
        if name == "job":
            continue
        if name not in known:
            raise SettingsError(f"unknown key {key.value!r} at {where}; {close_name(name, known)}")
        if name in values:
            raise SettingsError(f"key {key.value!r} stands twice, again at {where}.")
        values[name] = _value(value, hints[name], f"{where}: {key.value}")
    return values


def read_job_name(path: str) -> str:
    """The value of the key `job` of a YAML file.

    Raises:
        SettingsError: There is none.
    """
    for key, value in read_mapping(path):
        if key.value == "job" and isinstance(value, yaml.ScalarNode):
            return str(value.value)
    raise SettingsError(f"{path} has no key 'job' that names the job to run.")


def dump_settings(settings: BaseSettings) -> str:
    """The settings as YAML that `load_settings` reads back; what is unset is left out."""
    skip = {"config", "print_config"}
    values = {f.name: getattr(settings, f.name) for f in fields(settings) if f.name not in skip}
    return yaml.safe_dump(
        {k: v for k, v in values.items() if v is not None}, sort_keys=False, allow_unicode=True
    )


def _value(node: yaml.Node, hint: Any, where: str) -> Any:
    """A value of the type that the setting has.

    Raises:
        SettingsError: It is of another type.
    """
    choices = typing.get_args(hint) if is_union(hint) else (hint,)
    value = _plain(node, where)
    for choice in choices:
        if typing.get_origin(choice) is Literal:
            if value in typing.get_args(choice):
                return value
        elif typing.get_origin(choice) is list:
            items = value if isinstance(value, list) else [value]
            if all(isinstance(item, str) for item in items):
                return items
        elif choice is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        elif type(value) is choice:
            return value
    raise SettingsError(f"{where} is {value!r}; it must be {describe_type(hint)}.")


def _plain(node: yaml.Node, where: str) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return [_plain(each, where) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        raise SettingsError(f"{where} is a mapping; a setting is a value or a list.")
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        # Tags of other languages, dates and numbers that there are not.
        raise SettingsError(
            f"{where} is {node.value!r} with the tag {node.tag}, no plain value."
        ) from error
