"""What the app offers under NeMo Curator's names."""

import tomllib
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from curator_engine.entry_points import NAMES_GROUP
from curator_video.nemo_names import OFFERS

PROJECT = Path(__file__).parents[2] / "apps/video/pyproject.toml"
HOMES = {(name, home) for names in OFFERS.values() for name, home in names.items()}


def test_the_package_declares_its_names():
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    [(name, value)] = project["entry-points"][NAMES_GROUP].items()
    assert EntryPoint(name=name, value=value, group=NAMES_GROUP).load() is OFFERS


@pytest.mark.parametrize(("name", "home"), sorted(HOMES))
def test_each_name_is_called_the_same_here(name, home):
    module, ours = home
    assert ours == name
    assert getattr(import_module(module), ours).__name__ == name


def test_the_stages_take_their_arguments_by_position():
    shots: Any = import_module("curator_video.stages.clip_spans")
    stage = shots.FixedStrideExtractorStage(8.0, 4.0, 1.0, 5)
    assert (stage.clip_len_s, stage.clip_stride_s, stage.min_clip_length_s) == (8.0, 4.0, 1.0)
    assert stage.limit_clips == 5
