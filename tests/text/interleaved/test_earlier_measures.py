"""Measures out of an earlier run."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_text.interleaved.earlier_measures import EarlierMeasures, check_run
from curator_text.interleaved.result_tables import ResultTables

SIZE = {"width": 9, "height": 4}


@pytest.fixture
def run(ours):
    with ResultTables(output=ours, name="a.tar", stamp="now") as tables:
        for record in range(3):
            document = {"record": record, "modality": "document", "reason": ""}
            common = {"record": record, "modality": "image"}
            pictures = [
                {**common, "position": 1, "reason": "picture is too small", **SIZE},
                {**common, "position": 2, "reason": "picture cannot be read: it took too long"},
                {**common, "position": 3, "reason": "picture cannot be read"},
                {**common, "position": 4, "reason": "picture is in too many documents"},
            ]
            tables.add(document, pictures)
    return ours


def test_pictures_have_what_was_measured_or_why_not(run):
    with closing(EarlierMeasures(run=run, name="a.tar", stamp="now")) as earlier:
        for record in (0, 2):
            assert earlier.of(record) == {1: SIZE, 2: "it took too long", 3: {}}
        assert earlier.of(3) == {}


@pytest.mark.parametrize(("name", "stamp"), [("a.tar", "later"), ("a.tar", ""), ("b.tar", "now")])
def test_nothing_is_known_of_another_file(run, name, stamp):
    with closing(EarlierMeasures(run=run, name=name, stamp=stamp)) as earlier:
        assert earlier.of(0) == {}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"job": "filter", "status": "done"}, "not the folder of a finished run of interleaved"),
        ({"job": "interleaved", "status": "failed"}, "not the folder of a finished run"),
        ({"job": "interleaved", "status": "done", "version": "0"}, "version 0 made it"),
    ],
)
def test_the_run_of_another_job_or_version_is_refused(tmp_path, record, said):
    Path(tmp_path, "run.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        check_run(str(tmp_path), "1")
