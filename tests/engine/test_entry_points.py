"""Stages that other packages offer, with packages that the test installs."""

import shutil

import pytest
from offers import install

from curator_engine.entry_points import NAMES_GROUP, find_names, find_stage
from curator_engine.errors import PipelineError, ResourceError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_stage_is_found_by_its_name(folder):
    install(folder, "offer_a", offers={"echo": "offer_a:Echo"}, source="class Echo: size = 3\n")
    assert find_stage("echo", package="curator-audio").size == 3


def test_nothing_installed_is_a_hint():
    with pytest.raises(
        ResourceError, match=r"offers the stage 'echo'; install curator-audio \('uv"
    ):
        find_stage("echo", package="curator-audio")


def test_two_packages_with_the_same_offer_are_named(folder):
    install(folder, "offer_b", offers={"echo": "offer_b:Echo"})
    install(folder, "offer_c", offers={"echo": "offer_c:Echo"})
    with pytest.raises(PipelineError, match=r"offered by offer_.:Echo and offer_.:Echo; keep one"):
        find_stage("echo", package="curator-audio")


def test_a_package_that_is_found_twice_counts_once(folder, monkeypatch, tmp_path_factory):
    install(folder, "offer_d", offers={"echo": "offer_d:Echo"}, source="class Echo: pass\n")
    again = tmp_path_factory.mktemp("again")
    shutil.copytree(folder, again, dirs_exist_ok=True)
    monkeypatch.syspath_prepend(again)
    assert find_stage("echo", package="curator-audio").__name__ == "Echo"


def test_what_the_package_needs_is_named_where_it_is_missing(folder):
    install(folder, "offer_e", offers={"echo": "offer_e:Echo"}, source="import not_installed\n")
    with pytest.raises(ResourceError, match=r"No module named 'not_installed'. Install curator"):
        find_stage("echo", package="curator-audio")


def test_an_offer_of_nothing_is_an_error(folder):
    install(folder, "offer_f", offers={"echo": "offer_f:Echo"})
    with pytest.raises(
        PipelineError, match="'echo' is said to be offer_f:Echo, which is not there"
    ):
        find_stage("echo", package="curator-audio")


def test_names_of_an_app_are_found(folder):
    source = "OFFERS = {'nemo_curator.fake': {'Echo': ('offer_n', 'Echo')}}"
    install(folder, "offer_n", offers={"n": "offer_n:OFFERS"}, source=source, group=NAMES_GROUP)
    assert {"nemo_curator.fake": {"Echo": ("offer_n", "Echo")}} in find_names()


def test_names_that_cannot_be_loaded_are_left_out_with_a_line(folder, caplog):
    before = find_names()
    install(folder, "offer_m", offers={"m": "offer_m:OFFERS"}, group=NAMES_GROUP)
    assert find_names() == before
    assert [record.message for record in caplog.records] == [
        "the names in offer_m:OFFERS cannot be loaded: module 'offer_m' has no attribute 'OFFERS'; "
        "install its app again."
    ]
