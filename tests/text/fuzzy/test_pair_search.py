"""The search for pairs as steps."""

import json

import pytest
from text_toys import corpus, deduplicate, sentence, write_corpus, write_jsonl


def steps(out):
    return list(json.loads((out / "run.json").read_text())["steps"])


def test_a_crowd_is_a_step_of_its_own_only_where_there_is_one(tmp_path):
    source = write_corpus(tmp_path / "in", corpus(originals=10))
    deduplicate(source, tmp_path / "few")
    deduplicate(source, tmp_path / "many", max_bucket=2)
    assert set(steps(tmp_path / "many")) - set(steps(tmp_path / "few")) == {"crowds"}


@pytest.mark.parametrize("verify", [True, False])
def test_pairs_are_screened_only_if_they_are_verified(tmp_path, verify):
    text = sentence(1, words=60)
    rows = [{"text": f"{text} {sentence(10 + k, words=20)}"} for k in range(20)]
    source = write_jsonl(tmp_path / "x.jsonl", rows)
    deduplicate(source, tmp_path / "out", verify=verify, minhashes_per_band=2, threshold=0.95)
    facts = json.loads((tmp_path / "out/run.json").read_text())["facts"]
    assert facts["pairs"] > 0
    assert (facts["screened"] > 0) == verify
