# pyright: basic
# numba's decorators have no usable types.
"""What makes a function a kernel: compiled by numba when it is called first, and kept on disk.

Importing this imports numba, which the apps with kernels depend on: modules of kernels import it, and those
are imported inside functions.
"""

from collections.abc import Callable
from typing import Any

import numba


def kernel(function: Callable[..., Any]) -> Any:
    """Compile `function`, to run without the interpreter's lock."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        # Neither the folder of the source nor the user's cache can be written.
        return numba.njit(nogil=True)(function)
