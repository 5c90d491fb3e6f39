"""Where Lance datasets lie: a folder is one, and stands in a list of files as a file does.

What is in them is read by `stages/lance_files.py`.
"""

import os
from pathlib import Path
from typing import Any

import pyarrow as pa

from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.files.paths import is_remote

LANCE_ENDING = ".lance"
"""Of the name of a dataset that is read as a file; its own data files end so too."""
_BLOB = "lance.blob.v2"


def is_lance(path: str) -> bool:
    """Whether this is the folder of a dataset on this machine, by its name and what is in it."""
    named = path.rstrip("/").lower().endswith(LANCE_ENDING)
    return named and not is_remote(path) and has_versions(path)


def has_versions(folder: str) -> bool:
    """Whether a folder of this machine, whatever its name, is a dataset."""
    return any(Path(folder, "_versions").glob("*.manifest"))


def size_and_change(path: str) -> tuple[int, int]:
    """Bytes of a dataset's data, and when its newest version was written, in nanoseconds."""
    data = (Path(folder, name) for folder, _, names in os.walk(f"{path}/data") for name in names)
    versions = Path(path, "_versions").glob("*.manifest")
    return sum(each.stat().st_size for each in data), max(
        each.stat().st_mtime_ns for each in versions
    )


def blob_names(schema: pa.Schema) -> list[str]:
    """The columns that are blobs: bytes that lie beside their rows."""
    return [each.name for each in schema if getattr(each.type, "extension_name", None) == _BLOB]


def need_lance() -> Any:
    """The package of the extra `lance`.

    Raises:
        ResourceError: It is not installed.
    """
    try:
        import lance
    except ImportError as error:
        raise ResourceError(
            "Lance datasets need the extra 'lance' of curator-text (pylance is missing); install it."
        ) from error
    return lance


def open_lance(path: str, options: dict[str, Any] | None = None) -> Any:
    """A Lance dataset.

    Args:
        path: Its folder or URL.
        options: Of `lance.dataset`, as `version` and `storage_options`.

    Raises:
        InputError: There is none that can be read.
        SettingsError: An option is not known.
        ResourceError: The extra is missing.
    """
    lance = need_lance()
    try:
        return lance.dataset(path, **(options or {}))
    except TypeError as error:
        raise SettingsError(f"read_kwargs of {path}: {error}.") from error
    except (ValueError, OSError, KeyError) as error:
        raise InputError(f"{path} is no Lance dataset that can be read: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What Lance says, on a line, without the places in its own source."""
    text = " ".join(str(error).split())
    return text.split(", /")[0].split(", location: ")[0] or type(error).__name__
