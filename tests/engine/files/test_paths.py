"""Paths here and on object stores."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_engine.files.paths import file_system_of, join, path_of_name, utf8_name


def test_an_unknown_scheme_says_what_is_missing():
    with pytest.raises(InputError, match="Install its fsspec package"):
        file_system_of("nosuch://bucket/x")


def test_a_known_scheme_names_the_package_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    # Unless something has opened one before, fsspec imports the package now.
    monkeypatch.setitem(import_module("fsspec.registry").__dict__, "_registry", {})
    with pytest.raises(InputError, match=r"hf:// cannot be opened .*pip install huggingface_hub"):
        file_system_of("hf://datasets/owner/name/a.parquet")


def test_paths_are_joined_at_one_slash():
    assert (join("a/", "b", "c"), join("/", "b"), join("s3://a", "b")) == (
        "a/b/c",
        "//b",
        "s3://a/b",
    )


def test_a_path_that_is_not_utf8_is_found_by_its_name(tmp_path):
    odd, plain = (str(tmp_path / name) for name in ("a%20caf\udce9.jpg", "a%E9.jpg"))
    for path in (odd, plain):
        Path(path).touch()
    assert utf8_name(odd) == str(tmp_path / "a%20caf%E9.jpg")
    assert [path_of_name(utf8_name(path)) for path in (odd, plain)] == [odd, plain]
    gone = [str(tmp_path / "b%E9.jpg"), "s3://bucket/b%E9.jpg"]
    assert list(map(path_of_name, gone)) == gone
