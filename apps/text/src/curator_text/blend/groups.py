"""What documents must stay together when they are split into parts: the same text, site, cluster, or value of a field.

A part follows from the group alone, by a hash: it does not change when documents are added.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_text.blend.amounts import parse_fraction
from curator_text.tokenize.runs import mixed

TEXT, SITE, CLUSTER = "hash", "site", "cluster"
"""Groups that are no fields: equal texts, the host of an address, what fuzzy found alike."""
URL_FIELD = "url"
CLUSTER_FIELDS = ("cluster_id", "duplicate_of")
"""Fields that say of what cluster a document is: one of its own, or the document that `fuzzy --mark` found it like."""
_HOST = (
    r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://)?(?:[^/?#@]*@)?(?:[Ww]{3}\.)?"
    r"(?P<host>\[[^\]/]*\]|[^/?#:\s]+)"
)


def fields_needed(split_by: str, fields: Sequence[str]) -> list[str]:
    """The fields by which documents are split; none for equal texts.

    Raises:
        SettingsError: The tables have not the field.
    """
    if split_by == TEXT:
        return []
    wanted = {SITE: (URL_FIELD, SITE), CLUSTER: CLUSTER_FIELDS}.get(split_by, (split_by,))
    for name in wanted:
        if name in fields:
            return [name]
    raise SettingsError(
        f"--split-by {split_by}: the tables of documents have no field {wanted[0]}; tokenize with --fields {wanted[0]}."
    )


def parse_split(split: str) -> list[Fraction]:
    """The shares of the parts, from numbers for train, validation and test.

    Raises:
        SettingsError: They are none, or too many.

    Example:
        >>> parse_split("98,1,1")
        [Fraction(49, 50), Fraction(1, 100), Fraction(1, 100)]
    """
    words = [word.strip() for word in split.split(",")]
    if len(words) not in (2, 3):
        raise SettingsError(
            f"--split {split}: give numbers for train, validation and test, such as 98,1,1."
        )
    numbers = [parse_fraction(word, "--split", split) for word in words]
    if not numbers[0] or not sum(numbers[1:]):
        raise SettingsError(f"--split {split} leaves nothing for training, or nothing for others.")
    return [number / sum(numbers) for number in numbers]


def hosts(urls: Any) -> Any:
    """The site of each address: its host in small letters, without www and port; null where there is none."""
    found: Any = pc.call_function(
        "extract_regex", [urls.cast(pa.string())], pc.ExtractRegexOptions(_HOST)
    )
    host = pc.call_function("struct_field", [found], pc.StructFieldOptions([0]))
    return pc.call_function("utf8_lower", [host])


def hashed(values: Any) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """A hash of each text, and whether there is one."""
    column: Any = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    coded = column.dictionary_encode()
    words: list[Any] = coded.dictionary.to_pylist()
    hashes = np.array(
        [xxhash.xxh3_64_intdigest(word.encode("utf-8", "surrogatepass")) for word in words],
        np.uint64,
    )
    is_there = np.asarray(column.is_valid())
    codes = np.asarray(coded.indices.fill_null(0))
    if not len(hashes):
        return np.zeros(len(column), np.uint64), is_there
    return hashes[codes], is_there


def group_hashes(
    table: pa.Table, group: str, fields: Sequence[str]
) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
    """A hash of the group of each document, and whether it has one.

    Args:
        table: A row per document, with `text_hash`, `id` and the fields.
        group: `hash`, `site`, `cluster` or a field.
        fields: What `fields_needed` gave for it.
    """
    if group == TEXT:
        texts: Any = table.column("text_hash")
        return texts.to_numpy(), np.ones(table.num_rows, np.bool_)
    column: Any = table.column(fields[0])
    if group == SITE and fields[0] == URL_FIELD:
        return hashed(hosts(column))
    if fields[0] == CLUSTER_FIELDS[1]:
        # A document that is like no other is the one that others are like.
        column = pc.call_function("coalesce", [column, table.column("id")])
    return hashed(column.cast(pa.string()))


def parts_of(
    groups: NDArray[np.uint64], shares: Sequence[Fraction], *, seed: int
) -> NDArray[np.uint8]:
    """The part of each document, as its number in `PARTS`."""
    start = mixed(np.array([seed], np.int64).view(np.uint64))
    sums = [sum(shares[: i + 1]) for i in range(len(shares) - 1)]
    cuts = np.array([min(int(each * (1 << 64)), (1 << 64) - 1) for each in sums], np.uint64)
    return np.searchsorted(cuts, mixed(groups ^ start), side="right").astype(np.uint8)
