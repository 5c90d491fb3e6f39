"""Keep Arrow from loading pandas where nothing uses it.

Arrow looks for pandas when the first list of Python values becomes an array, which takes longer than
everything else that a small job does.
"""

import sys
from collections.abc import Sequence
from types import ModuleType


class _Hide:
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("Arrow is to do without pandas.", name=name)


def leave_pandas_out() -> None:
    """Let Arrow look for pandas now, and not find it.

    `import pandas`, `to_pandas` and `from_pandas` work as ever afterwards. For commands of our own only:
    until one of the latter two is called, `pyarrow.array` takes a pandas Series for any sequence, and
    so NaN for a number.
    """
    import pyarrow as pa

    hide = _Hide()
    sys.meta_path.insert(0, hide)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(hide)
