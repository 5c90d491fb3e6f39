"""Sizes of the pieces that are in memory: as large as the memory allows, and of no effect on the answer."""

import subprocess
import sys
import time

import psutil
import pytest
from text_toys import corpus, deduplicate, edited, removed, sentence, write_corpus, write_jsonl

from curator_engine.errors import SettingsError
from curator_text.dedup.memory import piece_sizes

MOST = 64 << 20


def test_without_a_limit_pieces_are_as_large_as_is_of_use():
    assert piece_sizes(None, 4, most=MOST).partition_bytes == MOST


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_more_memory_never_makes_smaller_pieces(workers):
    sizes = [piece_sizes(gb * 10**9, workers, most=MOST) for gb in (2, 3, 8, 64)]
    assert sorted(s.partition_bytes for s in sizes) == [s.partition_bytes for s in sizes]
    assert sorted(s.block_bytes for s in sizes) == [s.block_bytes for s in sizes]


def test_more_workers_get_smaller_pieces():
    one, two = (piece_sizes(10**9, workers, most=1 << 40) for workers in (1, 2))
    assert two.partition_bytes < one.partition_bytes


def test_too_little_memory_is_refused_with_what_it_takes():
    with pytest.raises(
        SettingsError, match=r"300 MB of memory are too little for 2 workers, .* fewer"
    ):
        piece_sizes(300_000_000, 2, most=MOST)


def test_the_answer_does_not_depend_on_the_memory(tmp_path):
    source = write_corpus(tmp_path / "in", corpus())
    deduplicate(source, tmp_path / "a")
    deduplicate(source, tmp_path / "b", memory="400MB")
    assert removed(tmp_path / "a") == removed(tmp_path / "b")


@pytest.mark.long
def test_all_processes_together_stay_within_the_memory(tmp_path):
    texts = [sentence(i, words=600) for i in range(400)]
    for k in range(6):
        rows = [
            {"text": edited(text.replace("of", f"o{copy}x{k}f"), 30, seed=copy)}
            for copy in range(10)
            for text in texts
        ]
        write_jsonl(tmp_path / "in" / f"{k}.jsonl", rows)
    assert 100_000_000 < peak_bytes(tmp_path, "600MB") < 600_000_000


@pytest.mark.long
@pytest.mark.parametrize("copies", [60, 1500])
def test_pairs_take_no_more_memory_where_nearly_all_documents_are_copies(tmp_path, copies):
    # 60 copies of a text share buckets, so there are 1,770 pairs of them; 1,500 are a crowd.
    texts = [sentence(i, words=60) for i in range(120_000 // copies)]
    for k in range(6):
        mine = range(k * copies // 6, (k + 1) * copies // 6)
        rows = [{"text": edited(text, 1, seed=copy)} for copy in mine for text in texts]
        write_jsonl(tmp_path / "in" / f"{k}.jsonl", rows)
    assert 100_000_000 < peak_bytes(tmp_path, "500MB") < 500_000_000


def peak_bytes(folder, memory):
    """The most that all processes of a run with two workers had."""
    words = [str(folder / "in"), "-o", str(folder / "out"), "--workers", "2"]
    code = "from curator_text.cli import main; main()"
    command = [sys.executable, "-c", code, "fuzzy", *words, "--memory", memory]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    while run.poll() is None:
        peak = max(peak, _proportional_bytes(run.pid))
        time.sleep(0.05)
    assert run.returncode == 0
    return peak


def _proportional_bytes(pid):
    """Resident bytes of a process and its children, shared pages counted once."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total
