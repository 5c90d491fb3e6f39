"""Classes of ours may move to another module: nothing that was done is done again."""

import pytest
from toys import Add, run_files

from curator_engine.running import checkpoint
from curator_engine.running.checkpoint import fingerprint
from curator_engine.stages.files import FilePartitioner


@pytest.fixture
def folder(tmp_path):
    """A folder with three input files."""
    (tmp_path / "in").mkdir()
    for i in range(3):
        (tmp_path / "in" / f"{i}.txt").write_text(str(i), encoding="utf-8")
    return str(tmp_path)


@pytest.fixture
def begun(folder, monkeypatch):
    """The same, with a finished run in which the toys were named by their modules; now they are ours."""
    run_files(folder)
    monkeypatch.setattr(checkpoint, "_OURS", frozenset({"toys"}))
    return folder


def in_module(module):
    class Moving(Add):
        name = "moving"

    Moving.__module__ = module
    return fingerprint([Moving()])


def test_the_module_of_a_class_of_ours_does_not_count():
    assert in_module("curator_text.fuzzy.sign") == in_module("curator_text.fuzzy.sign")


def test_that_of_another_s_class_does():
    assert in_module("mine.sign") != in_module("mine.fuzzy.sign")


def test_two_packages_may_have_classes_of_one_name():
    assert in_module("curator_text.fuzzy.sign") != in_module("curator_video.sign")


def test_a_class_among_the_settings_may_move_as_well(monkeypatch):
    class Keep(Add):
        def __init__(self):
            self.kind = FilePartitioner

    before = fingerprint([Keep()])
    monkeypatch.setattr(FilePartitioner, "__module__", "curator_engine.stages.partition")
    assert fingerprint([Keep()]) == before


def test_a_run_that_an_earlier_version_began_goes_on(begun):
    report, _ = run_files(begun)
    assert report.sources_resumed == 3


def test_other_settings_are_another_run_all_the_same(begun):
    report, _ = run_files(begun, Add(amount=7))
    assert report.sources_resumed == 0
