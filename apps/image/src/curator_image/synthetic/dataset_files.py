"""The files of a data set of Hugging Face's: tables or pictures of one split, in a folder or on the hub.

A folder is what `save_to_disk` writes, a copy of a data set of the hub (`data/train-00000-of-00001.parquet`),
or pictures. Which split a file is of, its name says, or a folder's, as on the hub.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError
from curator_engine.files.formats import PICTURE_EXTENSIONS
from curator_engine.files.listing import list_files
from curator_image.scores.batch_scores import need

_TABLES = (".parquet", ".arrow")
_CONVERTED = "refs/convert/parquet"
"""Where the hub keeps data sets of other forms as Parquet."""
_SPLITS = frozenset({"train", "test", "validation", "valid", "val", "dev", "eval"})
_MOST_NAMED = 5


def files_of(name: str, *, split: str, config: str | None) -> Iterator[str]:
    """The files of a split, in order; those of the hub are fetched one by one, as they are asked for.

    Args:
        name: A folder, or an id on the hub.
        split: Such as train.
        config: Of a data set of several parts on the hub, the one that is meant.

    Raises:
        InputError: There is no such data set or split, or it cannot be fetched.
    """
    if Path(name).exists():
        yield from _local(Path(name), split)
    else:
        yield from _of_hub(name, split, config)


def of_split(names: Sequence[str], split: str, *, where: str) -> list[str]:
    """Those of some names of files that are of a split; if none names a split, all are of train.

    Raises:
        InputError: None is.
    """
    found = {name: _splits_in(name, split) for name in names}
    chosen = [name for name, splits in found.items() if split in splits]
    named = sorted({each for splits in found.values() for each in splits})
    if not named and split == "train":
        return list(names)
    if not chosen:
        there = f"there are {', '.join(named)}" if named else "its files name no split"
        raise InputError(f"{where} has no split {split!r}; {there}.")
    return chosen


def _splits_in(name: str, wanted: str) -> set[str]:
    """The splits that a name may mean, by its words."""
    words = set(re.split(r"[/._-]", name.lower()))
    return {each for each in _SPLITS | {wanted} if each.lower() in words}


def _local(folder: Path, split: str) -> list[str]:
    if not folder.is_dir():
        return [str(folder)]
    if (folder / "dataset_dict.json").is_file():
        there = _facts(folder / "dataset_dict.json").get("splits") or []
        if split not in there:
            raise InputError(f"{folder} has no split {split!r}; there are {', '.join(there)}.")
        folder /= split
    if (folder / "state.json").is_file():
        parts = _facts(folder / "state.json").get("_data_files") or []
        return [str(folder / Path(each["filename"]).name) for each in parts]
    endings = (*_TABLES, *PICTURE_EXTENSIONS)
    found = [each.path for each in list_files([str(folder)], extensions=endings)]
    tables = [path for path in found if path.lower().endswith(_TABLES)]
    below = {str(Path(path).relative_to(folder)): path for path in tables or found}
    return [below[name] for name in of_split(list(below), split, where=str(folder))]


def _facts(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as JSON; write the data set again.") from error


def _of_hub(name: str, split: str, config: str | None) -> Iterator[str]:
    hub = _hub()
    revision, tables = None, _listed(name, None, config)
    if not tables:
        revision, tables = _CONVERTED, _listed(name, _CONVERTED, config)
    if not tables:
        raise InputError(f"the data set {name!r} has no Parquet files on the hub; check its name.")
    for table in of_split(tables, split, where=f"the data set {name!r}"):
        try:
            yield hub.hf_hub_download(name, table, repo_type="dataset", revision=revision)
        except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
            raise _not_fetched(name, error) from error


def _listed(name: str, revision: str | None, config: str | None) -> list[str]:
    """The tables of a data set on the hub, of one part if it has several."""
    hub = _hub()
    try:
        files = hub.HfApi().list_repo_files(name, repo_type="dataset", revision=revision)
    except (OSError, ValueError, hub.errors.HfHubHTTPError) as error:
        raise _not_fetched(name, error) from error
    tables = sorted(each for each in files if each.endswith(".parquet"))
    if config is None:
        return tables
    chosen = [each for each in tables if config in re.split(r"/", each)[:-1]]
    if tables and not chosen:
        folders = sorted({each.partition("/")[0] for each in tables})[:_MOST_NAMED]
        raise InputError(
            f"the data set {name!r} has no part {config!r}; its folders are {', '.join(folders)}."
        )
    return chosen


def _hub() -> Any:
    """The hub's package, which a folder does not need.

    Raises:
        ResourceError: It is not installed.
    """
    what = {"option": "a data set on the hub", "extra": "models"}
    # The package has its errors as an attribute once they are imported.
    need("huggingface_hub.errors", **what)
    return need("huggingface_hub", **what)


def _not_fetched(name: str, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:200]
    return InputError(f"the data set {name!r} cannot be fetched ({reason}); check its name.")
