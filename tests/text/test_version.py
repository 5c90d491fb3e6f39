"""The version that runs record."""

from importlib.metadata import version

from curator_text.version import __version__


def test_the_version_is_that_of_the_package():
    assert version("curator-text") == __version__
