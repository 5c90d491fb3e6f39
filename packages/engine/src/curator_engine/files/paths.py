"""Paths here and on object stores: what tells them apart, what joins them, which file system opens them."""

from typing import Any

from curator_engine.errors import InputError


def is_remote(path: str) -> bool:
    """Whether the path is a URL that fsspec opens."""
    return "://" in path


def local_path(path: str) -> str:
    """The path, without the scheme that names this machine's files: /path for file:///path."""
    return path.removeprefix("file://") if path.startswith("file:///") else path


def join(path: str, *parts: str) -> str:
    """A path below another."""
    return "/".join([path.rstrip("/") or "/", *parts]) if parts else path


def file_system_of(path: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it.

    Raises:
        InputError: The scheme needs a package that is not installed.
    """
    import fsspec

    try:
        options = {"auto_mkdir": True} if path.startswith(("file://", "local://")) else {}
        return fsspec.url_to_fs(path, **options)
    except (ImportError, ValueError) as error:
        scheme = path.partition("://")[0]
        raise InputError(
            f"{path}: {scheme}:// cannot be opened ({error}). Install its fsspec package."
        ) from error
