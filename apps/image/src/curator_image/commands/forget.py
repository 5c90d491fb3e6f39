"""The command `curator-image forget`: take pictures out of an index, which other runs are compared with.

The pictures of the input and of runs are not touched. What was interrupted is done by the same command
once more.
"""

import hashlib
from pathlib import Path

from curator_engine.commands.cli import Console, JobResult
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.running.run_record import RECORD_FILE
from curator_image import __version__
from curator_image.images.print_index import forget_in_index, index_files
from curator_image.read.picture import PictureError, picture_head
from curator_image.settings import ForgetSettings

_SHOWN = 5
"""Ids that were not found that are shown."""


def run(settings: ForgetSettings, console: Console) -> JobResult:
    """Forget pictures.

    Raises:
        InputError: It is no index, another run works in it, or a file cannot be read.
    """
    *words, folder = settings.inputs
    if exists(join(folder, RECORD_FILE)):
        raise InputError(
            f"{folder} is a run and no index; `curator-image filter {folder} --where ... --apply` takes "
            "pictures out of its data/."
        )
    index_files(folder)
    named = {id: word for word in words for id in _ids(word)}
    if not named:
        raise InputError("there are no ids in what was given; give pictures, or their ids.")
    with take(folder, job="index", version=__version__, mode="resume", inputs=words):
        met, gone = forget_in_index(folder, set(named), dry_run=settings.dry_run)
    unknown = list(dict.fromkeys(word for id, word in named.items() if id not in met))
    would = "would be " if settings.dry_run else ""
    shown = ", ".join(unknown[:_SHOWN]) + (" ..." if len(unknown) > _SHOWN else "")
    lines = [
        f"{counted(gone, 'pictures')} {would}forgotten in {folder}",
        *([f"{len(unknown):,} were not found: {shown}"] if unknown else []),
        *(
            ["a run with --save-index over an input that still has them brings them back"]
            if gone
            else []
        ),
    ]
    summary = {"pictures": gone, "not_found": len(unknown), "output": folder}
    return JobResult(summary=summary, lines=lines)


def _ids(word: str) -> list[str]:
    """The ids that a word stands for: the hash of a picture, the lines of a text, or itself.

    Raises:
        InputError: It is a file that cannot be read.
    """
    try:
        if not Path(word).is_file():
            return [word]
        data = Path(word).read_bytes()
        try:
            picture_head(data)
        except PictureError:
            return [line.strip() for line in data.decode().splitlines() if line.strip()]
    except OSError as error:
        raise InputError(f"{word} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise InputError(
            f"{word} is neither a picture nor a text; give pictures, or their ids."
        ) from None
    return [hashlib.sha256(data).hexdigest()]
