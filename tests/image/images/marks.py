"""Marks as a run has them, of files as they are listed."""

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.stages.files import find_inputs
from curator_engine.stages.small_files import task_of
from curator_image.images.write_images import WriteImages
from curator_image.read.images import read_images


def write(tmp_path, inputs="in", keeps=lambda stored: True, *, output="out", **options):
    """Write the pictures that `keeps` says; gives where each lies, by id."""
    files = find_inputs(str(tmp_path / inputs), file_format="image").files
    rows = [
        {
            "source": file.name,
            "position": position,
            "member": stored.member,
            "keep": not stored.problem and bool(keeps(stored)),
            "uuid": stored.image_id,
        }
        for file in files
        for position, stored in enumerate(read_images(file.path))
    ]
    marks = str(tmp_path / "marks.parquet")
    pq.write_table(pa.Table.from_pylist(rows), marks)
    folder = str(tmp_path / output)
    stage = WriteImages(marks=marks, output=folder, parts=str(tmp_path / "parts"), **options)
    task = task_of([(file.path, file.name, file.stamp) for file in files])
    task.task_id = "0_1"
    [part] = stage.process(task).data
    found = pq.read_table(part).to_pydict()
    return dict(zip(found["uuid"], found["path"], strict=True))
