"""Settings from YAML, with errors that name file, line and key."""

import pathlib
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.commands.settings import CommonSettings, Group
from curator_engine.commands.settings_file import dump_settings, load_settings, read_job_name
from curator_engine.errors import SettingsError

type Use = Literal["on", "off"]
type Least = Annotated[float | None, Group.LIMITS]


@dataclass(frozen=True, kw_only=True)
class ToySettings(CommonSettings):
    """Settings of a toy."""

    threshold: float = 0.8
    """How much
    is enough."""
    kind: Literal["a", "b"] = "a"
    """Which kind."""
    names: list[str] | None = None
    """Several names."""
    use: Use = "on"
    """What for."""
    least: Least = None
    """A limit."""


def load(tmp, text):
    path = f"{tmp}/job.yaml"
    with pathlib.Path(path).open("w", encoding="utf-8") as file:
        file.write(text)
    return load_settings(ToySettings, path)


def test_values_are_read_with_their_types(tmp):
    text = "job: toy\ninputs: [a, b]\nthreshold: 1\nkind: b\nresume: true\nprint-config: false\nworkers: 3\n"
    assert load(tmp, text) == {
        "inputs": ["a", "b"],
        "threshold": 1.0,
        "kind": "b",
        "resume": True,
        "print_config": False,
        "workers": 3,
    }


def test_a_type_with_a_name_is_read_as_what_it_stands_for(tmp):
    assert load(tmp, "use: 'off'\nleast: 2\n") == {"use": "off", "least": 2.0}
    with pytest.raises(SettingsError, match=r"use is 'up'; it must be on \| off"):
        load(tmp, "use: up\n")


def test_a_single_value_is_a_list_of_one(tmp):
    assert load(tmp, "inputs: a\n") == {"inputs": ["a"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "kind: a\ntreshold: 1\n",
            r"unknown key 'treshold' at .*job.yaml:2; did you mean 'threshold'\?",
        ),
        ("zzz: 1\n", "known are inputs, output"),
        ("kind: a\nkind: b\n", r"key 'kind' stands twice, again at .*:2"),
        ("threshold: much\n", r":1: threshold is 'much'; it must be number"),
        ("kind: c\n", r"kind is 'c'; it must be a \| b"),
        ("workers: 1.5\n", "workers is 1.5; it must be whole number"),
        ("resume: 1\n", "resume is 1; it must be yes or no"),
        ("threshold: true\n", "threshold is True; it must be number"),
        ("inputs: {a: 1}\n", "inputs is a mapping; a setting is a value or a list"),
        ("- a\n", "is not a list of 'key: value' lines"),
        ("a: [\n", r"job.yaml:2 is not valid YAML"),
        ("a: &x [b]\nc: *x\n", "uses YAML aliases"),
        ("a: !!python/object:os.system {}\n", "unknown key 'a'"),
    ],
)
def test_a_mistake_is_named_in_one_line(tmp, text, message):
    with pytest.raises(SettingsError, match=message) as caught:
        load(tmp, text)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp):
    with pytest.raises(SettingsError, match=r"gone\.yaml cannot be read: No such file"):
        load_settings(ToySettings, f"{tmp}/gone.yaml")


def test_a_huge_file_is_refused(tmp):
    with pytest.raises(SettingsError, match="is no settings file"):
        load(tmp, "#" * (2 << 20))


def test_an_empty_file_gives_nothing(tmp):
    assert load(tmp, "# nothing\n") == {}


def test_the_job_of_a_file_is_found(tmp):
    load(tmp, "job: toy\n")
    assert read_job_name(f"{tmp}/job.yaml") == "toy"


def test_a_file_without_a_job_says_so(tmp):
    load(tmp, "kind: a\n")
    with pytest.raises(SettingsError, match="has no key 'job'"):
        read_job_name(f"{tmp}/job.yaml")


@given(
    threshold=st.floats(allow_nan=False, allow_infinity=False),
    names=st.none() | st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C"]))),
    output=st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
    resume=st.booleans(),
)
def test_printed_settings_are_read_back_as_they_are(
    tmp_path_factory, threshold, names, output, resume
):
    settings = ToySettings(threshold=threshold, names=names, output=output, resume=resume)
    tmp = tmp_path_factory.mktemp("yaml")
    assert ToySettings(**load(tmp, dump_settings(settings))) == settings
