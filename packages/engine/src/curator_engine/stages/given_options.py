"""`read_kwargs` and `write_kwargs`, as NeMo Curator's users give them to pandas: what Arrow can do is done.

What means the same here anyway is taken and does nothing; everything else is an error that names it.
"""

from collections.abc import Collection, Mapping
from typing import Any

from curator_engine.errors import SettingsError

STORAGE = "storage_options"
"""Options of the fsspec file system; taken by readers and writers alike."""
_ANY = object()

READ_JSONL: dict[str, tuple[Any, ...]] = {
    "lines": (True,),
    "orient": (None, "records"),
    "engine": (None, "pyarrow", "pyarrow_direct"),
    "dtype_backend": ("pyarrow",),
    "encoding": (None, "utf-8", "utf8"),
    # What a file is packed with is known by its first bytes.
    "compression": ("infer", "gzip", "zstd", "bz2", "xz", None),
    "pyarrow_block_size": (_ANY,),
    "pyarrow_max_block_size": (_ANY,),
}
READ_PARQUET: dict[str, tuple[Any, ...]] = {
    "engine": (None, "auto", "pyarrow"),
    "dtype_backend": ("pyarrow",),
    "use_threads": (_ANY,),
    "memory_map": (_ANY,),
    "pre_buffer": (_ANY,),
    "buffer_size": (_ANY,),
}
WRITE_JSONL: dict[str, tuple[Any, ...]] = {
    "lines": (True,),
    "orient": (None, "records"),
    "index": (False, None),
    "mode": ("w",),
    "force_ascii": (False,),
}
WRITE_PARQUET: dict[str, tuple[Any, ...]] = {
    "engine": (None, "auto", "pyarrow"),
    "index": (False, None),
}
"""By option, the values that mean what is done anyway."""


def options_in(
    name: str,
    given: Mapping[str, Any] | None,
    *,
    known: Mapping[str, tuple[Any, ...]],
    used: Collection[str],
) -> dict[str, Any]:
    """The options that have an effect.

    Args:
        name: What they were given as.
        given: The options.
        known: Options whose present behaviour is one of these values.
        used: Options that the caller applies, besides `STORAGE`.

    Raises:
        SettingsError: One is neither.
    """
    chosen: dict[str, Any] = {}
    for key, value in (given or {}).items():
        if key in used or key == STORAGE:
            chosen[key] = value
        elif key not in known:
            some = ", ".join(sorted({*known, *used, STORAGE}))
            raise SettingsError(f"{name}: {key!r} is not offered; there are {some}.")
        elif not any(each is _ANY or _same(each, value) for each in known[key]):
            values = " or ".join(repr(each) for each in known[key])
            raise SettingsError(f"{name}: {key}={value!r} is not offered, only {values}.")
    return chosen


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other
