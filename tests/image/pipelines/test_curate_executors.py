"""Every executor gives the same pictures and tables as one process, also after a run that was stopped."""

import pytest
from image.drawn_pictures import samples, write_table, write_tar
from image.pipelines.test_curate import curate, files_in, rows_of
from image.scenes import draw_photos
from stopped_runs import stop_at

from curator_engine.executors.local import LocalExecutor
from curator_image.images.measure_images import MeasureImages
from curator_image.images.write_images import WriteImages

POLICY = {"on_error": "quarantine"}


def curate_on(executor, source, out):
    """All that a run writes into data/, its rows, and what it counts."""
    facts = curate([source], out, executor=executor)
    names = ("images", "kept", "dropped", "unreadable", "dropped_by", "quarantined", "notes")
    return files_in(out / "data"), rows_of(out), {name: facts[name] for name in names}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Scenes, copies, files that are no pictures, a tar and a table."""
    folder = tmp_path_factory.mktemp("source")
    draw_photos(folder)
    write_tar(folder / "s.tar", [*samples(), ("9.txt", b"no picture")])
    write_table(folder / "t.parquet")
    return folder


@pytest.fixture(scope="module")
def expected(source, tmp_path_factory):
    """What one process gives."""
    executor = LocalExecutor({"workers": 1, **POLICY})
    return curate_on(executor, source, tmp_path_factory.mktemp("one") / "out")


@pytest.mark.long
def test_local_workers_give_the_same(source, expected, tmp_path):
    executor = LocalExecutor({"workers": 2, **POLICY})
    assert curate_on(executor, source, tmp_path / "out") == expected


@pytest.mark.parametrize("stage", [MeasureImages, WriteImages])
def test_a_run_that_was_stopped_gives_the_same(source, expected, tmp_path, monkeypatch, stage):
    executor = LocalExecutor({"workers": 1, **POLICY})
    with monkeypatch.context() as patch:
        stop_at(patch, stage)
        with pytest.raises(KeyboardInterrupt):
            curate_on(executor, source, tmp_path / "out")
    assert curate_on(executor, source, tmp_path / "out") == expected


@pytest.mark.long
def test_executors_on_ray_give_the_same(ray_executor_of_app, source, expected, tmp_path):
    assert curate_on(ray_executor_of_app(**POLICY), source, tmp_path / "out") == expected
