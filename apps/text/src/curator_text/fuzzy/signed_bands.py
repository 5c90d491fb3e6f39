"""The bands that a kept cache or an index was signed with, so that nothing need be signed again."""

import json

from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_text.dedup.index import Signing, is_index, load_index
from curator_text.fuzzy.lsh import candidate_probability

_FILE = "bands.json"


def save_bands(cache: str, num_bands: int, minhashes_per_band: int) -> None:
    """Note the bands in the cache."""
    write_atomic(join(cache, _FILE), json.dumps([num_bands, minhashes_per_band]).encode())


def signed_bands(cache: str | None, *, threshold: float, recall: float) -> tuple[int, int] | None:
    """The cache's bands and rows per band, if they find pairs at the threshold with this recall."""
    path = join(cache, _FILE) if cache else ""
    if not path or not exists(path):
        return None
    bands, rows = json.loads(read_bytes(path))
    return _enough(bands, rows, threshold=threshold, recall=recall)


def index_bands(path: str, *, threshold: float, recall: float) -> tuple[int, int] | None:
    """The bands and rows per band of an index, if they find pairs at the threshold with this recall."""
    if not is_index(path):
        return None
    signing = load_index(path).signing
    if not isinstance(signing, Signing):
        return None
    bands, rows = signing.num_bands, signing.minhashes_per_band
    return _enough(bands, rows, threshold=threshold, recall=recall)


def _enough(bands: int, rows: int, *, threshold: float, recall: float) -> tuple[int, int] | None:
    found = candidate_probability(threshold, num_bands=bands, minhashes_per_band=rows)
    return (bands, rows) if found >= recall else None
