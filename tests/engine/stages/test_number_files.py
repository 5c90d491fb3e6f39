"""Files of tasks get their ids in the order of the listing."""

from typing import Any

from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stages.file_groups import FilePartitioningStage
from curator_engine.stages.id_generator import IdGeneratorBase
from curator_engine.stages.number_files import NumberFiles


def test_the_ids_follow_the_listing_and_known_files_keep_theirs(tmp_path):
    (tmp_path / "in").mkdir()
    for n in range(12):
        (tmp_path / "in" / f"{n:02}.jsonl").write_text("{}\n" * (n + 1), encoding="utf-8")
    state = str(tmp_path / "ids.json")
    known = IdGeneratorBase(100)
    known.register_batch(str(tmp_path / "in" / "05.jsonl"), 6)
    known.to_disk(state)
    stages = [FilePartitioningStage(file_paths=str(tmp_path / "in")), NumberFiles(state=state)]
    tasks: list[Any] = [*Pipeline("p", stages=stages).run(LocalExecutor())]
    ranges = {task.data[0][-8:-6]: task._metadata["ids"][0] for task in tasks}
    assert [ranges[name] for name in ("05", "00", "01", "04", "06")] == [
        (100, 6),
        (106, 1),
        (107, 2),
        (116, 5),
        (121, 7),
    ]
    again = NumberFiles(state=state, generates=False).process(tasks[0])
    assert again._metadata["ids"] == tasks[0]._metadata["ids"]
