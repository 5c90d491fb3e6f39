"""Mask, hash or drop the private data that is found in texts."""

import hashlib
import hmac
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.task import ArrowArray
from curator_text.editing.edits import Editor, Edits, no_texts
from curator_text.pii.find import MASKS, Finder, Found

KEY_VARIABLE = "CURATOR_PII_KEY"
_HEX = 16
"""Digits of a hash in a text: 64 bits, so that two of a billion values are rarely taken for one."""


@dataclass(frozen=True)
class SecretKey:
    """A key that no table, message or record shows."""

    value: bytes = field(repr=False)

    def __repr__(self) -> str:
        """What tells it from another, and not what it is."""
        return f"<key {self.hash('', b'')[:8]}>"

    def hash(self, kind: str, value: bytes) -> str:
        """The keyed hash of a value, as hexadecimal digits."""
        plain = re.sub(rb"[\s().\-/]", b"", value).lower() if kind != "key" else value
        return hmac.new(self.value, kind.encode() + b"\0" + plain, hashlib.sha256).hexdigest()[
            :_HEX
        ]


def read_key(path: str | None) -> SecretKey:
    """The key for hashes: of a file, or of the environment.

    Args:
        path: The file.

    Raises:
        SettingsError: There is none, or it is empty.
    """
    if path is not None:
        try:
            value = Path(path).read_bytes().strip()
        except OSError as error:
            raise SettingsError(f"--key-file {path} cannot be read: {error.strerror}.") from error
    else:
        value = os.environ.get(KEY_VARIABLE, "").encode()
    if not value:
        where = f"{path} is empty" if path else "there is no key"
        raise SettingsError(
            f"--action hash: {where}; name a file with --key-file, or set {KEY_VARIABLE}."
        )
    return SecretKey(value)


@dataclass(frozen=True, kw_only=True)
class PiiEditor(Editor):
    """Takes private data out of texts; what it was stands nowhere afterwards.

    Example:
        edits = PiiEditor().edit(pa.array(texts, pa.large_string()))
    """

    finder: Finder = field(default_factory=Finder)
    action: Literal["mask", "hash", "drop"] = "mask"
    """Put its kind in its place, or a keyed hash with the kind; or leave the whole document out."""
    key: SecretKey | None = None
    """For hashes."""

    @property
    def names(self) -> list[str]:
        """The kinds."""
        return list(self.finder.kinds)

    def prepare(self) -> None:
        """Load the model that finds names."""
        if self.finder.names is not None:
            self.finder.names.load()

    def edit(self, texts: ArrowArray) -> Edits:
        """Edit the texts that hold some."""
        raw: list[Any] = texts.cast(pa.large_binary()).to_pylist()
        found = self.finder.find_all(raw)
        counts = {kind: np.zeros(len(raw), np.int64) for kind in self.names}
        goes: dict[int, tuple[str, str]] = {}
        for i, places in found.items():
            kinds = Counter(each.kind for each in places)
            for kind, count in kinds.items():
                counts[kind][i] = count
            if self.action == "drop":
                reason = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
                goes[i] = (kinds.most_common(1)[0][0], reason)
        counts = {kind: count for kind, count in counts.items() if count.any()}
        if self.action == "drop" or not found:
            none = np.empty(0, np.int64)
            return Edits(changed=none, texts=no_texts(), counts=counts, goes=goes)
        new: Any = pa.array([self._replaced(raw[i], found[i]) for i in found], pa.large_binary())
        changed = np.array([*found], np.int64)
        return Edits(changed=changed, texts=new.cast(pa.large_string()), counts=counts)

    def shown_ids(self, ids: ArrowArray) -> ArrowArray:
        """Ids of documents, of which some may be addresses; names are not looked for in them."""
        shown = [None if each is None else self.masked(str(each)) for each in ids.to_pylist()]
        return pa.array(shown, pa.string())

    def masked(self, text: str) -> str:
        """A text with the kind in the place of what is found."""
        raw = text.encode("utf-8", "surrogatepass")
        mask = PiiEditor(finder=self.finder)
        return mask._replaced(raw, self.finder.find(text)).decode("utf-8", "replace")

    def _replaced(self, text: bytes, places: list[Found]) -> bytes:
        parts, at = list[bytes](), 0
        for each in places:
            parts += [text[at : each.start], self._instead(each.kind, text[each.start : each.end])]
            at = each.end
        return b"".join([*parts, text[at:]])

    def _instead(self, kind: str, value: bytes) -> bytes:
        if self.action == "hash" and self.key is not None:
            return f"<{MASKS[kind]}:{self.key.hash(kind, value)}>".encode()
        return f"<{MASKS[kind]}>".encode()
