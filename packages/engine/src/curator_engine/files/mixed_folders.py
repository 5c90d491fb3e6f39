"""Which files of a folder are rows, where several formats lie beside each other.

Tables and notes often lie beside a corpus, so JSON lines and Parquet come first, then Arrow, then Lance,
then CSV, then text: the first of these that a folder or glob has is read, and the others are passed over.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from curator_engine.errors import CuratorError
from curator_engine.files.formats import COMPRESSIONS, CONVERTED, TEXT_EXTENSIONS, kind_of
from curator_engine.files.paths import join
from curator_engine.files.storage import read_bytes
from curator_engine.files.walk import Found

_ORDER = (("jsonl", "parquet"), ("arrow",), ("lance",), ("csv",), ("text",))
_OF_DATASETS = ("dataset_info.json", "state.json", "dataset_dict.json")
OF_DATASETS = "of datasets' own"
"""Why a file is passed over that the library `datasets` has written beside its rows."""
_NAMES = tuple(e for endings in CONVERTED.values() for e in endings) + TEXT_EXTENSIONS


def first_format(found: Sequence[Found]) -> tuple[list[Found], dict[str, list[Found]]]:
    """The files that are read, and the others by the reason for which they are not; "" for their format.

    Args:
        found: What a folder or a glob has.
    """
    found, others = _without_datasets_own(found)
    kinds = {each.path: kind_of(each.path) for each in found}
    for formats in _ORDER:
        chosen = [each for each in found if kinds[each.path] in formats]
        # A text that holds rows is read only where someone says so.
        if formats != ("text",):
            chosen = [each for each in chosen if not each.path.lower().endswith(TEXT_EXTENSIONS)]
        if chosen:
            break
    else:
        chosen = []
    taken = {each.path for each in chosen}
    others[""] = [each for each in found if each.path not in taken]
    return chosen, others


def name_in_data(path: str, name: str) -> str:
    """What a file is called in `data/`: rows that are converted get the ending of what they become."""
    if not path.lower().endswith(_NAMES):
        return name
    kind = kind_of(path)
    return names_in_data(name)[-1] if kind in ("arrow", "lance", "csv", "text") else name


def names_in_data(name: str) -> list[str]:
    """What a file of this name may be called in `data/`: as it is, and if it is converted."""
    lower = name.lower()
    if lower.endswith(CONVERTED["arrow"] + CONVERTED["lance"]):
        return [name, f"{name}.parquet"]
    if not lower.endswith(_NAMES):
        return [name]
    stem, dot, packed = name.rpartition(".")
    is_packed = f".{packed.lower()}" in COMPRESSIONS
    return [name, f"{stem}.jsonl{dot}{packed}" if is_packed else f"{name}.jsonl"]


def _without_datasets_own(found: Sequence[Found]) -> tuple[list[Found], dict[str, list[Found]]]:
    """The files without those that `datasets` keeps beside the Arrow files of `save_to_disk`.

    Of a folder with a `state.json`, the Arrow files count that it names: others are of its cache.
    """
    folders = defaultdict[str, list[Found]](list)
    for each in found:
        folders[each.path.rpartition("/")[0]].append(each)
    has_arrow = any(each.path.lower().endswith(CONVERTED["arrow"]) for each in found)
    if not has_arrow:
        return list(found), {}
    own = list[Found]()
    for folder, files in folders.items():
        names = {each.path.rpartition("/")[2]: each for each in files}
        own += [file for name, file in names.items() if name in _OF_DATASETS]
        if rows := _files_of_state(folder) if "state.json" in names else []:
            arrow = (n for n in names if n.lower().endswith(CONVERTED["arrow"]))
            own += [names[name] for name in arrow if name not in rows]
    gone = {each.path for each in own}
    return [each for each in found if each.path not in gone], {OF_DATASETS: own}


def _files_of_state(folder: str) -> list[str]:
    with suppress(CuratorError, ValueError, TypeError, KeyError, AttributeError):
        state: Any = json.loads(read_bytes(join(folder, "state.json")))
        return [str(file["filename"]) for file in state["_data_files"]]
    return []
