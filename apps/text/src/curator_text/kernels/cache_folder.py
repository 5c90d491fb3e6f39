"""Where compiled kernels are kept; importing this imports no numba."""

import hashlib
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

KERNEL_FILES = (
    "c4_kernels.py",
    "fingerprint_kernels.py",
    "gopher_kernels.py",
    "hash_kernels.py",
    "json_kernels.py",
    "line_kernels.py",
    "linear_kernels.py",
    "mark_kernels.py",
    "ngram_kernels.py",
    "overlap_kernels.py",
    "pair_kernels.py",
    "repeat_kernels.py",
    "script_kernels.py",
    "set_kernels.py",
    "token_kernels.py",
    "window_kernels.py",
    "word_kernels.py",
)


@cache
def cache_folder() -> Path | None:
    """Where compiled kernels are kept, apart for each numba and each source: the user's cache.

    A folder of the user's among the temporary ones where that cannot be written, as in many
    containers; None if neither can.
    """
    here = Path(__file__).parent
    source = b"".join((here / name).read_bytes() for name in KERNEL_FILES)
    mark = hashlib.blake2b(source, digest_size=6).hexdigest()
    name = f"kernels-{mark}-numba-{version('numba')}"
    temporary = Path(tempfile.gettempdir()) / f"curator-{os.getuid()}"
    for root in (user_cache_path("curator"), temporary):
        if _can_be_written(root / name) and (root != temporary or _is_ours(root)):
            return root / name
    return None


def _can_be_written(folder: Path) -> bool:
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can put code into a folder that others may have made."""
    stat = folder.lstat()
    return stat.st_uid == os.getuid() and not folder.is_symlink() and not stat.st_mode & 0o022


def kernels_are_cached() -> bool:
    """Whether kernels were compiled before, so that they load in well under a second."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob("*.nbi"))
