# pyright: basic, reportPrivateImportUsage=none, reportAttributeAccessIssue=none
# numba's decorators have no usable types.
"""What makes a function a kernel: compiled by numba, kept on disk, loaded without numba's compiler.

Importing this module imports numba, so it is imported by kernels only, and those inside functions.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.binding
import numba
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime import rtsys

from curator_text.kernels.cache_folder import cache_folder

_given = numba.config.CACHE_DIR
_folder = _given or cache_folder()
if _folder:
    # Not beside the source, which may be read-only, and not through the environment, which is the user's.
    numba.config.CACHE_DIR = str(_folder)

_features = llvmlite.binding.get_host_cpu_features().flatten()
if not numba.config.CPU_FEATURES and "+avx512vbmi2" in _features:
    # LLVM uses half of the width unless told otherwise, which older processors than these are better off
    # with. `curator` signatures take a fifth less time with all of it.
    numba.config.CPU_FEATURES = f"{_features},-prefer-256-bit"

inlined = numba.njit(inline="always")


class _Cache(FunctionCache):
    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        if _folder and str(_folder) != _given:
            # numba keeps the kernels of each place of the source apart; the folder is named after what
            # the source says, so that another environment or checkout need not compile again.
            self._cache_path = self._impl.locator._cache_path = str(_folder)
            self._cache_file = IndexDataCacheFile(
                cache_path=str(_folder),
                filename_base=self._impl.filename_base,
                source_stamp=self._impl.locator.get_source_stamp(),
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
    """Compile `function` when it is called first, and run it without the interpreter's lock."""
    # Without a folder numba would take the package's own.
    dispatcher = numba.njit(nogil=True, cache=bool(_folder))(function)
    if _folder and hasattr(FunctionCache, "_load_overload"):
        # Not public: a numba without these names takes its own way, and longer.
        dispatcher._cache = _Cache(function)
    return dispatcher
