import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from curator_engine.errors import CuratorError, InputError, StageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.stage import ProcessingStage
from curator_engine.task import Task
from curator_image.synthetic.conversation import ConversationSample, ImageMedia, Message
from curator_image.synthetic.ocr_data import OCRConversationData, OCRData, OCRDenseItem
from curator_image.synthetic.sample_writer import JsonlSampleWriterStage, merge_output_shards
from curator_image.task import ImageSampleTask, ImageTaskData


def samples(count, folder="in", **more) -> list[Task[Any]]:
    return [
        ImageSampleTask(
            data=ImageTaskData(image_path=Path(f"{folder}/{i}.jpg"), image_id=f"{i}", **more)
        )
        for i in range(count)
    ]


def written(output, tasks, **options):
    """What a run leaves, as one file."""
    pipeline = Pipeline("write", stages=[JsonlSampleWriterStage(output_path=output, **options)])
    assert len(pipeline.run(LocalExecutor(), initial_tasks=tasks)) == len(tasks)
    return merge_output_shards(output)


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_samples_become_one_file_in_their_order(tmp_path):
    path = written(tmp_path / "out.jsonl", samples(12), image_parent="in")
    assert lines(path) == [{"image_path": f"{i}.jpg", "image_id": f"{i}"} for i in range(12)]
    assert [each.name for each in tmp_path.iterdir() if each.name != ".curator"] == ["out.jsonl"]


def test_a_path_outside_of_the_folder_stays_whole(tmp_path):
    path = written(tmp_path / "out.jsonl", samples(1, "other"), image_parent="in")
    assert lines(path)[0]["image_path"] == "other/0.jpg"


def test_a_second_run_replaces_what_the_first_wrote(tmp_path):
    written(tmp_path / "out.jsonl", samples(5))
    assert len(lines(written(tmp_path / "out.jsonl", samples(2)))) == 2


def test_failed_samples_are_left_out_unless_asked_for(tmp_path):
    failed = samples(1, is_valid=False, error="ocr_rapid: damaged")
    path = written(tmp_path / "out", [*samples(1), *failed], valid_only=False)
    assert path.name == "out.jsonl"
    assert [each.get("error") for each in lines(path)] == [None, "ocr_rapid: damaged"]
    pipeline = Pipeline(
        "write", stages=[JsonlSampleWriterStage(output_path=str(tmp_path / "valid.jsonl"))]
    )
    pipeline.run(LocalExecutor(), initial_tasks=failed)
    report = pipeline.last_run
    assert report is not None
    assert report.stages[0].dropped == {"invalid after ocr_rapid": 1}


def test_text_and_conversations_are_written_as_they_are_read_again(tmp_path):
    talk = [Message(sender="user", fragments=[ImageMedia(value="a.jpg"), "Was heißt das? \udc80"])]
    data = OCRConversationData(
        image_path=Path("a.jpg"),
        ocr_dense=[OCRDenseItem(bbox_2d=[1, 2, 3, 4], text_content="Straße")],
        conversation=ConversationSample(conversation=talk),
    )
    path = written(tmp_path / "out.jsonl", [ImageSampleTask(data=data)])
    (record,) = lines(path)
    assert "Straße" in path.read_text(encoding="utf-8")
    assert OCRConversationData.from_dict(record) == data
    assert OCRData.from_dict(record).ocr_dense == data.ocr_dense


@dataclass(kw_only=True)
class Breaks(ProcessingStage[Any, Any]):
    """Fails on one sample until a file is there."""

    until: str

    def process(self, task):
        if task.data.image_id == "3" and not Path(self.until).exists():
            raise ValueError("broken")
        return task


def test_a_run_that_goes_on_writes_what_is_missing(tmp_path):
    def run():
        writer = JsonlSampleWriterStage(output_path=tmp_path / "out.jsonl")
        stages = [Breaks(until=str(tmp_path / "mended")), writer]
        Pipeline("write", stages=stages).run(
            LocalExecutor(), initial_tasks=samples(6), checkpoint_path=tmp_path / "checkpoint"
        )

    with pytest.raises(StageError, match="broken"):
        run()
    before = {path.name: path.stat().st_mtime_ns for path in shards(tmp_path)}
    (tmp_path / "mended").touch()
    run()
    after = {path.name: path.stat().st_mtime_ns for path in shards(tmp_path)}
    assert len(before) == 3
    assert before.items() <= after.items()
    assert len(lines(merge_output_shards(tmp_path / "out.jsonl"))) == 6


def shards(folder):
    return (folder / "out_shards").glob("*.jsonl")


def test_shards_may_stay_and_without_any_nothing_is_done(tmp_path):
    output = tmp_path / "out.jsonl"
    assert merge_output_shards(output) == output
    assert not output.exists()
    Pipeline("write", stages=[JsonlSampleWriterStage(output_path=output)]).run(
        LocalExecutor(), initial_tasks=samples(2)
    )
    merge_output_shards(output, delete_shards=False)
    assert len(list((tmp_path / "out_shards").glob("*.jsonl"))) == 2


def test_files_of_others_stay(tmp_path):
    output = tmp_path / "out.jsonl"
    output.write_text("mine\n")
    stage = JsonlSampleWriterStage(output_path=output)
    Pipeline("write", stages=[stage]).run(LocalExecutor(), initial_tasks=samples(1))
    with pytest.raises(CuratorError, match=r"out\.jsonl"):
        merge_output_shards(output)
    assert output.read_text() == "mine\n"
    (tmp_path / "b_shards").mkdir()
    (tmp_path / "b_shards/x.jsonl").write_text("mine\n")
    with pytest.raises(InputError, match="not a folder of shards of ours"):
        merge_output_shards(tmp_path / "b.jsonl")
    assert (tmp_path / "b_shards/x.jsonl").exists()
