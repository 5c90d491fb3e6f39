"""Paths here and on object stores."""

import pytest

from curator_engine.errors import InputError
from curator_engine.files.paths import file_system_of, join


def test_an_unknown_scheme_says_what_is_missing():
    with pytest.raises(InputError, match="Install its fsspec package"):
        file_system_of("nosuch://bucket/x")


def test_paths_are_joined_at_one_slash():
    assert (join("a/", "b", "c"), join("/", "b"), join("s3://a", "b")) == (
        "a/b/c",
        "//b",
        "s3://a/b",
    )
