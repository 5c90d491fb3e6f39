"""Keep freed memory for the next block instead of giving it back to the system.

glibc takes each large piece of memory from the system and gives it back when it is freed, so every
block of a file would be read into pages that the kernel has to find and clear first.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_PIECE, _MOST_KEPT = 32 << 20, 64 << 20
"""Bytes; glibc refuses a larger first one."""


def keep_freed_memory() -> bool:
    """Let this process keep up to 64 MB of freed memory; False where the C library has no such setting."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_MMAP_THRESHOLD, _LARGEST_PIECE), (_TRIM_THRESHOLD, _MOST_KEPT))
    return all(mallopt(name, size) == 1 for name, size in settings)
