"""Where compiled kernels are kept; importing this imports no numba."""

import hashlib
import importlib.util
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

_ENGINE = __name__.partition(".")[0]


@cache
def cache_folder(package: str) -> Path | None:
    """Where the compiled kernels of a package are kept, apart for each numba and each source: the user's cache.

    A folder of the user's among the temporary ones where that cannot be written, as in many
    containers; None if neither can.

    Args:
        package: As `curator_text`; its kernels are in modules whose names end in `_kernels`, and may
            call those of the engine.

    Example:
        >>> cache_folder("curator_text").name
        'curator_text-5bd8f8d2a1c4-numba-0.63.1'
    """
    mark = hashlib.blake2b(b"".join(map(Path.read_bytes, kernel_files(package))), digest_size=6)
    name = f"{package}-{mark.hexdigest()}-numba-{version('numba')}"
    temporary = Path(tempfile.gettempdir()) / f"curator-{os.getuid()}"
    for root in (user_cache_path("curator"), temporary):
        if _can_be_written(root / name) and (root != temporary or _is_ours(root)):
            return root / name
    return None


def kernel_files(package: str) -> list[Path]:
    """The files of which a change makes compiled kernels of a package stale."""
    folders = [
        Path(place)
        for name in sorted({_ENGINE, package})
        if (spec := importlib.util.find_spec(name)) is not None
        for place in spec.submodule_search_locations or ()
    ]
    return [file for folder in folders for file in sorted(folder.glob("*/*_kernels.py"))]


def kernels_are_cached(package: str) -> bool:
    """Whether kernels of a package were compiled before, so that they load in well under a second."""
    folder = cache_folder(package)
    return folder is not None and any(folder.rglob("*.nbi"))


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
