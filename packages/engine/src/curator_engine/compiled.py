# pyright: basic, reportPrivateImportUsage=none, reportAttributeAccessIssue=none
# numba's decorators have no usable types.
"""What makes a function a kernel: compiled by numba, kept on disk, loaded without numba's compiler.

Importing this imports numba, which the apps with kernels depend on: modules of kernels import it, and those
are imported inside functions.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime import rtsys

from curator_engine.kernel_cache import cache_folder

_features = llvmlite.binding.get_host_cpu_features().flatten()
if not numba.config.CPU_FEATURES and "+avx512vbmi2" in _features:
    # LLVM uses half of the width unless told otherwise, which older processors than these are better off
    # with. `curator` signatures take a fifth less time with all of it.
    numba.config.CPU_FEATURES = f"{_features},-prefer-256-bit"

inlined = numba.njit(inline="always")


class _Cache(FunctionCache):
    def __init__(self, function: Callable[..., Any], folder: Path | None) -> None:
        super().__init__(function)
        if folder is not None:
            # numba keeps the kernels of each place and time of the source apart; the folder is named after
            # what the source says, so that another environment or checkout need not compile again.
            self._cache_path = self._impl.locator._cache_path = str(folder)
            self._cache_file = IndexDataCacheFile(
                cache_path=str(folder),
                filename_base=self._impl.filename_base,
                source_stamp=folder.name,
            )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled before.

        numba gets ready to compile first, which takes a fifth of a second; running what is there needs
        its memory management only.
        """
        rtsys.initialize(target_context)
        with self._guard_against_spurious_io_errors():
            found = self._load_overload(sig, target_context)
        return super().load_overload(sig, target_context) if found is None else found


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function` when it is called first, and run it without the interpreter's lock.

    Example:
        >>> @kernel
        ... def count_zeros(data):
        ...     return (data == 0).sum()
    """
    given = bool(numba.config.CACHE_DIR)
    folder = None if given else cache_folder(function.__module__.partition(".")[0])
    if not given and folder is None:
        # Without a folder numba would take the package's own.
        return numba.njit(nogil=True)(function)
    with _kept_in(folder):
        dispatcher = numba.njit(nogil=True, cache=True)(function)
        if hasattr(FunctionCache, "_load_overload"):
            # Not public: a numba without these names takes its own way, and longer.
            dispatcher._cache = _Cache(function, folder)
    return dispatcher


@contextmanager
def _kept_in(folder: Path | None) -> Iterator[None]:
    """Not beside the source, which may be read-only; and numba's settings are the user's."""
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(folder or before)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before
