"""What commands have in common whose first step reads texts."""

from curator_engine.executors.local import LocalExecutor
from curator_engine.files.listing import FileInfo
from curator_engine.stages.files import FilePartitioner
from curator_text.commands.text_job import input_line, plan_lines


def test_the_size_of_the_input_is_said():
    files = [FileInfo(path=f"{k}.jsonl", size=1_250_000, stamp="", name="x") for k in range(2)]
    assert input_line(files, 7) == "input: 2 files, 2.5 MB, about 7 documents"


def test_each_step_is_named_above_its_plan():
    source = FilePartitioner(file_paths=["x"])
    lines = plan_lines({"read": ([source], None), "again": ([source], 3)}, LocalExecutor())
    assert lines[0].startswith("plan: ")
    assert [line for line in lines if line[2] != " "][1:] == ["  read", "  again"]
