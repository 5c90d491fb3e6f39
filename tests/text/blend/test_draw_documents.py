"""What is drawn of a file of tokens."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from token_toys import make_tokens

from curator_engine.errors import InputError
from curator_engine.stages.files import find_inputs
from curator_text.blend import draw_documents
from curator_text.blend.amounts import Draw
from curator_text.blend.draw_documents import DrawDocuments, epoch_keys
from curator_text.blend.measure_documents import MeasureDocuments
from curator_text.blend.sources import ENDINGS, input_folders
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.array_files import load_table
from curator_text.tokenize.runs import KEYS

TEXTS = [f"text {n}" * (n % 4) for n in range(20)]


@pytest.fixture
def shard(tmp_path):
    make_tokens(tmp_path / "a", [{"text": text} for text in TEXTS])
    [folder] = input_folders(find_inputs([str(tmp_path / "a")], extensions=ENDINGS).files)
    return folder.shards[0]


def draw(shard, cache, **draws):
    given: dict[str, Any] = {"cache": str(cache), "shards": [shard], "input_key": ""}
    MeasureDocuments(**given, groups={}).process(PartitionTask(data=0))
    stage = DrawDocuments(**given, names=[["a"]], draws=draws)
    facts = stage.process(PartitionTask(data=0))._metadata
    return facts, [load_table(f"{stem}.docs.arrow").to_pylist() for _, stem, _ in facts["runs"]]


def test_each_epoch_has_all_documents_once_and_the_last_one_a_part(shard, tmp_path):
    facts, runs = draw(shard, tmp_path / "c", a=Draw(full=2, last=KEYS // 2))
    ids = [{row["id"] for row in run} for run in runs]
    assert len(ids[0]) == len(TEXTS)
    assert ids[0] == ids[1] > ids[2]
    assert [run[0]["field:epoch"] for run in runs] == [0, 1, 2]
    assert facts["given"]["a"][0] == 40 + len(ids[2])
    keys = [row["key"] for run in runs for row in run]
    assert keys == sorted(keys)


def test_pieces_do_not_change_what_is_drawn(shard, tmp_path, monkeypatch):
    whole = draw(shard, tmp_path / "c", a=Draw(full=1, last=KEYS // 3))[1]
    monkeypatch.setattr(draw_documents, "PIECE_BYTES", 50)
    pieces = draw(shard, tmp_path / "d", a=Draw(full=1, last=KEYS // 3))[1]
    assert len(pieces) > len(whole)

    def rows(runs):
        found = [(row["key"], row["id"], row["length"]) for run in runs for row in run]
        return sorted(found)

    assert rows(pieces) == rows(whole)


def test_every_epoch_has_an_order_of_its_own(shard):
    documents = np.arange(1000)
    orders = [
        np.argsort(epoch_keys(shard, documents, seed=seed, epoch=epoch)).tolist()
        for seed in (1, 2)
        for epoch in (0, 1)
    ]
    assert len({tuple(order) for order in orders}) == 4
    other = replace(shard, source="b")
    assert (
        epoch_keys(other, documents, seed=1, epoch=0)
        != epoch_keys(shard, documents, seed=1, epoch=0)
    ).all()


def test_a_file_that_is_cut_off_is_told(shard, tmp_path):
    path = Path(f"{shard.stem}.bin")
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match="shorter than its table"):
        draw(shard, tmp_path / "c", a=Draw(full=1))
