"""YAML files of people."""

import pytest

from curator_engine.errors import SettingsError
from curator_engine.files.yaml_file import read_mapping


def test_keys_come_with_their_lines(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("one: 1\ntwo:\n  - 3\n")
    assert [(key.value, key.start_mark.line) for key, _ in read_mapping(str(path))] == [
        ("one", 0),
        ("two", 1),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: &x [1]\nb: *x\n", "aliases"),
        (b"- 1\n", "key: value"),
        (b"a: " + b"[" * 500_000, "nested too deeply"),
        (b"a: " + b"- " * 60 + b"x", "not valid YAML"),
        (b"a: \x07\n", "not valid YAML"),
        (b"a: [\n", "a.yaml:2 is not valid YAML"),
        (b"a: \xff\n", "UTF-8"),
        (b"#" * (1 << 20) + b"##", "larger than"),
    ],
)
def test_what_is_no_mapping_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        read_mapping(str(path))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"b\.yaml cannot be read"):
        read_mapping(str(tmp_path / "b.yaml"))


def test_an_empty_file_has_no_keys(tmp_path):
    (tmp_path / "a.yaml").write_text("")
    assert read_mapping(str(tmp_path / "a.yaml")) == []
