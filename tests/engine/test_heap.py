"""Memory that is kept for the next block."""

import resource

from curator_engine.heap import keep_freed_memory


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def test_freed_memory_serves_the_next_blocks():
    assert keep_freed_memory()
    for _ in range(3):
        before = faults()
        blocks = [b"x" * (15 << 20) for _ in range(3)]
        del blocks
    # 45 MB are 11,520 pages.
    assert faults() - before < 1000
