"""Paths here and on object stores."""

import sys
from importlib import import_module

import pytest

from curator_engine.errors import InputError
from curator_engine.files.paths import file_system_of, join


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
