"""Paths here and on object stores: what tells them apart, what joins them, which file system opens them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError

_PACKAGES = {
    "hf": "huggingface_hub",
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "http": "aiohttp",
    "https": "aiohttp",
}
"""What has the file system of a scheme that fsspec itself has not."""
_options: dict[str, dict[str, Any]] = {}
"""Options of file systems by the URLs below which they count, in this process."""


def is_remote(path: str) -> bool:
    """Whether the path is a URL that fsspec opens."""
    return "://" in path


def local_path(path: str) -> str:
    """The path, without the scheme that names this machine's files: /path for file:///path."""
    return path.removeprefix("file://") if path.startswith("file:///") else path


def join(path: str, *parts: str) -> str:
    """A path below another."""
    return "/".join([path.rstrip("/") or "/", *parts]) if parts else path


def utf8_name(name: str) -> str:
    """The name, its bytes that are not UTF-8 as %FF."""
    return re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", name)


def path_of_name(name: str) -> str:
    """The path of a file here that `utf8_name` has given this name; the name itself where there is no such file.

    Example:
        >>> path_of_name("photos/plain.jpg")
        'photos/plain.jpg'
    """
    if "%" not in name or is_remote(name) or Path(name).exists():
        return name
    path = re.sub(r"%([89A-F][0-9A-F])", lambda byte: chr(0xDC00 + int(byte[1], 16)), name)
    return path if Path(path).exists() else name


def use_options(paths: str | list[str], options: Mapping[str, Any] | None) -> None:
    """Open what lies below these URLs with options of their fsspec file system, from now on in this process.

    Args:
        paths: Also globs; local ones are opened without fsspec, so nothing counts for them.
        options: Such as `{"key": ..., "secret": ...}`; None or {} changes nothing.
    """
    for path in [paths] if isinstance(paths, str) else paths:
        if options and is_remote(path):
            _options[re.split(r"[*?\[]", path)[0].rstrip("/")] = dict(options)


def used_options() -> dict[str, dict[str, Any]]:
    """What `use_options` was told in this process, by URL; it may hold secrets."""
    return dict(_options)


def take_over(options: Mapping[str, dict[str, Any]]) -> None:
    """Use in this process what another one was told."""
    _options.update(options)


def _options_of(path: str) -> dict[str, Any]:
    """The options of the nearest URL around a path."""
    around = [url for url in _options if path.startswith(url)]
    return _options[max(around, key=len)] if around else {}


def file_system_of(path: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it.

    Raises:
        InputError: The scheme needs a package that is not installed.
    """
    import fsspec

    try:
        options = {"auto_mkdir": True} if path.startswith(("file://", "local://")) else {}
        return fsspec.url_to_fs(path, **options, **_options_of(path))
    except (ImportError, ValueError) as error:
        scheme = path.partition("://")[0]
        package = _PACKAGES.get(scheme)
        remedy = f"pip install {package}" if package else "Install its fsspec package"
        raise InputError(f"{path}: {scheme}:// cannot be opened ({error}). {remedy}.") from error
