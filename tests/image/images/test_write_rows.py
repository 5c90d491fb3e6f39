from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from image.scenes import encoded, scene

from curator_engine.items.near_duplicates import read_embeddings
from curator_engine.stages.small_files import task_of
from curator_image.images.measure_images import MeasureImages
from curator_image.images.write_rows import PRINTS, ROWS, WriteRows


def batch(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(scene(1)))
    (tmp_path / "b.png").write_bytes(b"bad")
    task = task_of([(str(tmp_path / n), n, "") for n in ("a.png", "b.png")])
    [made] = MeasureImages().process(task)
    made.task_id = "t1"
    return made


def test_a_part_has_every_picture_and_fingerprints_of_the_good_ones(tmp_path):
    stage = WriteRows(output=str(tmp_path / "out"), parts=str(tmp_path / "parts"))
    part = stage.process(batch(tmp_path)).data[0]
    assert pq.read_table(part).column("place").to_pylist() == ["a.png", "b.png"]
    prints = pq.read_table(tmp_path / "parts" / PRINTS / "t1.parquet")
    assert prints.num_rows == 1


def test_scores_of_models_are_columns(tmp_path):
    made = batch(tmp_path)
    made.data[0].aesthetic_score = 5.5
    stage = WriteRows(output=str(tmp_path / "out"), parts=str(tmp_path / "parts"))
    rows = pq.read_table(stage.process(made).data[0])
    assert rows.column("aesthetic_score").to_pylist() == [5.5, None]


def test_embeddings_are_written_by_their_ids(tmp_path):
    made = batch(tmp_path)
    made.data[0].embedding = np.array([0.6, 0.8], np.float32)
    out = tmp_path / "out"
    WriteRows(output=str(out), parts=str(tmp_path / "parts"), embeddings="clip").process(made)
    ids, matrix, _ = read_embeddings(
        [str(out / "clip_embd_parquet/t1.parquet")], {made.data[0].image_id}
    )
    assert (ids, matrix.shape) == ([made.data[0].image_id], (1, 2))


def test_a_resumed_run_removes_what_no_finished_task_stands_for(tmp_path, ours):
    stage = WriteRows(output=ours, parts=f"{ours}/parts")
    part = stage.process(batch(tmp_path)).data[0]
    stage.resume(frozenset({part}))
    assert Path(ours, "parts", ROWS, "t1.parquet").exists()
    stage.resume(frozenset())
    assert not list(Path(ours, "parts").rglob("*.parquet"))
