"""The stage that filters documents of texts and pictures: every one is in one place."""

import pyarrow.parquet as pq
import pytest
from interleaved_toys import mint, picture

from curator_engine.errors import StageError
from curator_engine.task import EmptyTask, FileGroupTask
from curator_text.interleaved.filter_files import DocumentFiles, FilterDocuments
from curator_text.interleaved.limits import DocumentLimits, PictureLimits
from curator_text.interleaved.result_tables import REMOVED

LISTS = {"texts": ["One.", None, None], "images": [None, "a", "b"]}


def source(folder):
    small = picture(20, 20)
    return mint(
        folder / "in/a.tar",
        ("a", LISTS, {"a.png": picture(), "b.png": small}),
        ("b", LISTS, {"a.png": small, "b.png": small}),
        ("c", {"texts": 1}, {}),
    )


@pytest.fixture
def stage(ours):
    made = FilterDocuments(
        output=ours,
        pictures=PictureLimits(min_side=100),
        documents=DocumentLimits(min_images=1),
    )
    made.setup()
    yield made
    made.teardown()


def run(stage, path):
    task = FileGroupTask(data=[str(path)], _metadata={"name": path.name})
    return stage.process(task), stage.take_notes()[2]


def test_every_document_text_and_picture_is_counted_once(stage, tmp_path):
    task, (rejected,) = run(stage, source(tmp_path))
    about = task._metadata
    assert (about["kept"], about["texts_in"], about["images_in"]) == (1, 2, 4)
    assert about["removed_by"] == {
        "document": {"too few pictures": 1},
        "image": {"picture is too small": 3},
        "text": {"document: too few pictures": 1},
    }
    assert about["images_kept"] == 1
    assert (rejected.line, rejected.reason) == (3, "it has no lists texts and images")
    data, removed, _ = map(pq.read_table, task.data)
    assert data.column("binary_content").to_pylist()[-1] == picture()
    assert removed.schema == REMOVED
    assert removed.num_rows == 4


def test_a_limit_counts_documents(tmp_path):
    path = source(tmp_path)
    endings = [".tar"]
    files = DocumentFiles(file_paths=[str(path)], file_extensions=endings, limit=1, shard="0/1")
    (task,) = files.process(EmptyTask())
    assert task.reader_config["max_documents"] == 1


def test_files_that_no_task_stands_for_go(stage, tmp_path):
    task, _ = run(stage, source(tmp_path))
    stage.resume(frozenset(task.data))
    assert pq.read_table(task.data[0]).num_rows
    stage.resume(frozenset())
    assert run(stage, source(tmp_path))[0].data == task.data


def test_a_stage_that_is_not_set_up_says_so(ours, tmp_path):
    with pytest.raises(StageError, match="not been set up"):
        run(FilterDocuments(output=ours), source(tmp_path))
