"""What the benchmark beside other tools reads and concludes; the tools themselves are not run here."""

import importlib
import json
import sys
from pathlib import Path

import pyarrow as pa
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def peers():
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("peers")
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture
def documents(peers):
    return [peers.Document(id=name, text="") for name in "abc"]


@pytest.fixture
def good(peers):
    return peers.Verdict(recall=0.97, removed=100, wrong=25)


def rates(*, fast, curator=60.0):
    return {
        "fast": {50_000_000: 1.0, 390_000_000: fast, 1_600_000_000: 1.0},
        "curator": {50_000_000: 1.0, 390_000_000: curator, 1_600_000_000: 1.0},
        "rensa": {50_000_000: 99.0, 390_000_000: 28.0, 1_600_000_000: 99.0},
        "daft": {50_000_000: 99.0, 390_000_000: 20.0, 1_600_000_000: 99.0},
        "datatrove": {50_000_000: 0.5},
    }


def test_every_peer_has_a_script(peers):
    scripts = {path.stem.removesuffix("_peer") for path in BENCHMARKS.glob("peers/*_peer.py")}
    assert scripts == set(peers.PEERS)


def test_every_peer_is_pinned(peers):
    assert all("==" in packages[0] for packages in peers.PEERS.values())


def test_kept_ids_are_read_from_json_lines(peers, tmp_path):
    (tmp_path / "0.jsonl").write_text(json.dumps({"id": "a", "text": "b"}) + "\n", encoding="utf-8")
    assert peers.kept_ids(tmp_path) == {"a"}


def test_kept_ids_are_read_from_arrow_streams(peers, tmp_path):
    table = pa.table({"id": ["a", "b"], "text": ["", ""]})
    with pa.ipc.new_stream(tmp_path / "data-00000-of-00001.arrow", table.schema) as writer:
        writer.write_table(table)
    assert peers.kept_ids(tmp_path) == {"a", "b"}


def test_a_pair_is_resolved_when_one_of_it_went(peers, documents):
    verdict = peers.verdict(documents, [(0, 1), (1, 2)], {"a", "c"})
    assert (verdict.recall, verdict.removed, verdict.wrong) == (1.0, 1, 0)


def test_a_removal_without_a_near_kept_document_is_wrong(peers, documents):
    verdict = peers.verdict(documents, [(0, 1)], {"a", "b"})
    assert (verdict.recall, verdict.removed, verdict.wrong) == (0.0, 1, 1)


def test_rates_are_compared_at_the_corpus_of_about_400_mb(peers, good):
    assert peers.compare(rates(fast=100.0), {"rensa": good, "daft": good}) == []


def test_the_fastest_good_peer_is_the_one_to_beat(peers, good):
    problems = peers.compare(rates(fast=97.0), {"rensa": good, "daft": good})
    assert problems == ["dedup: fast has 3.46 x rensa's rate; 3.5 x is asked"]


def test_curator_signatures_have_a_bar_of_their_own(peers, good):
    problems = peers.compare(rates(fast=100.0, curator=42.0), {"rensa": good})
    assert problems == ["dedup: curator has 1.50 x rensa's rate; 2 x is asked"]


@pytest.mark.parametrize(("recall", "wrong"), [(0.94, 0), (0.99, 26)])
def test_a_peer_that_finds_little_or_removes_too_much_is_no_bar(peers, good, recall, wrong):
    bad = peers.Verdict(recall=recall, removed=100, wrong=wrong)
    assert peers.compare(rates(fast=70.0), {"rensa": bad, "daft": good}) == []


def test_a_slow_peer_is_compared_by_the_largest_corpus_it_ran_on(peers, good):
    problems = peers.compare(rates(fast=110.0) | {"datatrove": {50_000_000: 1.25}},
                             {"rensa": good, "datatrove": good})  # fmt: skip
    assert problems == ["dedup: fast has 88.00 x datatrove's rate; 100 x is asked"]


def test_without_a_good_peer_the_fastest_of_all_is_the_bar(peers):
    bad = peers.Verdict(recall=0.5, removed=1, wrong=0)
    found = peers.compare(rates(fast=1.0), {"rensa": bad, "daft": bad})
    assert found == peers.compare(
        rates(fast=1.0), {"rensa": peers.Verdict(recall=1, removed=1, wrong=0)}
    )
    assert found


def test_without_uv_a_peer_is_one_that_does_not_install(peers, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(peers, "HERE", tmp_path / "benchmarks")
    with pytest.raises(RuntimeError, match="no uv"):
        peers.install(tmp_path, "rensa")
