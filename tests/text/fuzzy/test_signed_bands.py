"""Another threshold on a kept cache does not sign again."""

import json
from pathlib import Path

import pytest
from text_toys import corpus, removed, write_corpus

from curator_engine.commands.cli import Console
from curator_text.commands.fuzzy import Fuzzy
from curator_text.fuzzy.signed_bands import save_bands, signed_bands
from curator_text.settings import FuzzySettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs on one cache at thresholds 0.8, 0.9 in another folder, 0.85 in the first."""
    folder = tmp_path_factory.mktemp("again")
    write_corpus(folder / "in", corpus(20))
    fuzzy(folder, "low", 0.8, cache="cache")
    fuzzy(folder, "high", 0.9, cache="cache")
    fuzzy(folder, "low", 0.85, cache="cache", resume=True)
    return folder


def fuzzy(folder, out, threshold, *, cache, **settings):
    settings = FuzzySettings(
        inputs=[str(folder / "in")],
        output=str(folder / out),
        cache=str(folder / cache),
        threshold=threshold,
        id_field="id",
        executor="local",
        workers=1,
        quiet=True,
        **settings,
    )
    settings.check()
    return Fuzzy.as_command(settings, Console(quiet=True))


def resumed(folder, out):
    steps = json.loads(Path(folder, out, "run.json").read_text(encoding="utf-8"))["steps"]
    return {name: step["sources_resumed"] == step["sources"] for name, step in steps.items()}


@pytest.mark.parametrize("out", ["high", "low"])
def test_what_does_not_depend_on_the_threshold_is_not_done_again(folder, out):
    done = resumed(folder, out)
    assert done["sign"]
    assert done["exact"]
    assert done["buckets"]
    assert not done["verify"]


def test_the_answer_is_that_of_a_run_of_its_own(folder):
    bands = {"num_bands": 29, "minhashes_per_band": 8}
    fuzzy(folder, "fresh", 0.9, cache="other", **bands)
    assert removed(folder / "fresh") == removed(folder / "high")


def test_bands_that_find_too_little_are_not_used(tmp_path):
    save_bands(str(tmp_path), 20, 13)
    assert signed_bands(str(tmp_path), threshold=0.9, recall=0.99) == (20, 13)
    assert signed_bands(str(tmp_path), threshold=0.8, recall=0.99) is None


def test_an_empty_cache_has_no_bands(tmp_path):
    assert signed_bands(str(tmp_path), threshold=0.8, recall=0.9) is None
