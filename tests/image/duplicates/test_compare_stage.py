import pytest
from drawn_pictures import fingerprints, scene
from PIL import ImageOps
from stopped_runs import stop_at

from curator_engine.executors.local import LocalExecutor
from curator_engine.steps import Steps
from curator_engine.workflow import WorkflowRunResult
from curator_image.duplicates.compare_stage import CompareInSteps, CompareWithKept
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE
from curator_image.duplicates.near import find_near


@pytest.fixture(scope="module")
def table():
    pictures = {str(seed): scene(seed) for seed in range(4)}
    for seed in range(4):
        pictures[f"mirrored {seed}"] = ImageOps.mirror(scene(seed))
        pictures[f"grey {seed}"] = scene(seed).convert("L")
    return fingerprints(pictures)


def found_in_steps(table, place, *, workers=1, against=None):
    files = [str(place / "prints.arrow")]
    FINGERPRINT_FILE.write([table], files[0])
    if against is not None:
        files.append(str(place / "against.arrow"))
        FINGERPRINT_FILE.write([against], files[1])
    steps = Steps(
        executor=LocalExecutor({"workers": workers}),
        cache=str(place / "cache"),
        output=str(place / "out"),
        progress=None,
        result=WorkflowRunResult(workflow_name="copies"),
    )
    compare = CompareInSteps(
        steps=steps,
        name="copies",
        prints=files[0],
        against=tuple(files[1:]),
        threshold=0.9,
        min_overlap=0.5,
    )
    return find_near(
        table,
        ids(table),
        against=against,
        only_against=against is not None,
        compare=compare,
        first_round=4,
    )


def ids(table):
    return table.column("uuid").to_pylist()


def test_steps_find_what_one_process_finds(table, tmp_path):
    here = find_near(table, ids(table), first_round=4)
    assert here.num_rows == 8
    assert found_in_steps(table, tmp_path) == here


def test_against_other_pictures(table, tmp_path):
    other = fingerprints({"e": scene(1)})
    here = find_near(table, ids(table), against=other, only_against=True)
    assert here.num_rows == 3
    assert found_in_steps(table, tmp_path, against=other) == here


def test_a_search_that_was_stopped_goes_on(table, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        stop_at(patch, CompareWithKept)
        with pytest.raises(KeyboardInterrupt):
            found_in_steps(table, tmp_path)
    here = find_near(table, ids(table), first_round=4)
    assert found_in_steps(table, tmp_path) == here
    assert found_in_steps(table, tmp_path) == here  # by what the markers say


@pytest.mark.long
def test_two_workers_find_the_same(table, tmp_path):
    here = find_near(table, ids(table), first_round=4)
    assert found_in_steps(table, tmp_path, workers=2) == here
