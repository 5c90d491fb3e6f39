"""Memory that is kept for the next block."""

import resource

from curator_engine.heap import keep_freed_memory


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def faults_of_a_round():
    """Pages that are new to the process while three blocks of 15 MB come and go."""
    before = faults()
    blocks = [b"x" * (15 << 20) for _ in range(3)]
    del blocks
    return faults() - before


def test_freed_memory_serves_the_next_blocks():
    assert keep_freed_memory()
    rounds = [faults_of_a_round() for _ in range(3)]
    # 45 MB are 11,520 pages.
    assert rounds[-1] < 1000
