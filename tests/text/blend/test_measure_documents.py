"""What the documents of files of tokens are."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from token_toys import make_tokens

from curator_engine.errors import InputError
from curator_engine.stages.files import find_inputs
from curator_text.blend.measure_documents import (
    MeasureDocuments,
    group_path,
    load_documents,
)
from curator_text.blend.sources import ENDINGS, input_folders
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.array_files import load_table

ROWS = [
    *(
        {"text": f"text {n % 6}", "url": f"http://s{n % 3}.org/{n}", "of": f"o{n % 2}"}
        for n in range(9)
    ),
    {"text": "no site"},
]


@pytest.fixture(scope="module")
def shard(tmp_path_factory):
    folder = make_tokens(
        tmp_path_factory.mktemp("in") / "a", ROWS, fields=["url"], source_field="of"
    )
    return input_folders(find_inputs([folder], extensions=ENDINGS).files)[0].shards[0]


def stage(shard, cache, **more):
    groups = {"hash": [], "site": ["url"]}
    given: dict[str, Any] = {
        "groups": groups,
        "shares": ["1/2", "1/4", "1/4"],
        "split_by": "site",
        **more,
    }
    return MeasureDocuments(cache=str(cache), shards=[shard], input_key="", **given)


def test_documents_of_a_site_are_in_one_part(shard, tmp_path):
    made = stage(shard, tmp_path)
    facts = made.process(PartitionTask(data=0))._metadata
    found = load_documents(str(tmp_path), 0)
    assert found["length"].tolist() == [7] * 9 + [8]
    assert (found["part"][:3] == found["part"][3:6]).all()
    assert (found["part"][:3] == found["part"][6:9]).all()
    assert facts["lacking"] == 1
    assert sum(documents for _, _, documents, _ in facts["counts"]) == 10
    assert sum(tokens for *_, tokens in facts["counts"]) == 71
    sites = load_table(group_path(str(tmp_path), 0, "site")).to_pydict()
    assert sites["hash"] == sorted(sites["hash"])
    assert sorted(sites["document"]) == list(range(9))


def test_a_source_may_be_in_the_table(shard, tmp_path):
    found = stage(shard, tmp_path, by_source=True, shares=["1"]).measured(shard)
    assert found.counts == [["o0", 0, 5, 35], ["o1", 0, 4, 28], ["(no value)", 0, 1, 8]]
    assert np.bincount(found.source).tolist() == [5, 4, 1]


def test_a_table_that_does_not_fit_its_record_is_told(shard, tmp_path):
    with pytest.raises(InputError, match="tokenize again"):
        stage(shard, tmp_path).measured(replace(shard, tokens=3))
