"""NeMo Curator's path on a file system of fsspec's, for scripts that read files themselves."""

from typing import Any

_PART_BYTES = 10 << 20


class FSPath:
    """A file by its file system and its path there.

    Args:
        fs: Of fsspec.
        path: Without the protocol.

    Example:
        >>> import fsspec
        >>> FSPath(fsspec.filesystem("memory"), "/a.bin").as_posix()
        'memory:///a.bin'
    """

    def __init__(self, fs: Any, path: str) -> None:
        self._fs, self._path = fs, path

    def open(self, mode: str = "rb", **kwargs: Any) -> Any:
        """The open file.

        Args:
            mode: As Python's `open` has it.
            kwargs: For the file system.
        """
        return self._fs.open(self._path, mode, **kwargs)

    def as_posix(self) -> str:
        """The path, with the protocol unless it is a local one."""
        given = getattr(self._fs, "protocol", None) or "file"
        protocols = (given,) if isinstance(given, str) else tuple(given)
        if "file" in protocols:
            return self._path
        return f"{protocols[0]}://{self._path}"

    def get_bytes_cat_ranges(self, *, part_size: int = _PART_BYTES) -> bytes:
        """The whole file, read in parts, several at a time where the file system can.

        Args:
            part_size: Bytes of a part.
        """
        size = int(self._fs.size(self._path) or 0)
        starts = list(range(0, size, part_size))
        ends = [min(start + part_size, size) for start in starts]
        parts = self._fs.cat_ranges([self._path] * len(starts), starts, ends, on_error="raise")
        return b"".join(parts)

    def __str__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        return f"FSPath({self._path})"
