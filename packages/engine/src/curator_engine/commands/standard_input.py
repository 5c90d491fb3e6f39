"""Standard input as a file, for jobs that read their input more than once.

It is written to a temporary folder (`TMPDIR`), which goes when the command ends; so a run of it is not
gone on with.
"""

import shutil
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from curator_engine.commands.settings import CommonSettings
from curator_engine.errors import InputError
from curator_engine.files.formats import COMPRESSIONS, ROWS, look
from curator_engine.files.storage import storage_errors

STDIN = "/dev/stdin"
"""What `-` on the command line stands for."""
_ENDINGS = {
    "jsonl": ".jsonl",
    "parquet": ".parquet",
    "arrow": ".arrow",
    "csv": ".csv",
    "text": ".txt",
}
_PIECE_BYTES = 1 << 20


@contextmanager
def with_standard_input[S: CommonSettings](settings: S, file_format: str) -> Generator[S]:
    """The settings, with a file in the place of `STDIN` among the inputs.

    Args:
        settings: Those of the command.
        file_format: What it reads; auto goes by the first bytes.

    Raises:
        InputError: There is nothing to read, it is not known what it is, or a run is to be gone on with.
        StorageError: It cannot be written, as on a full disk.
    """
    places = [i for i, name in enumerate(settings.inputs) if name == STDIN]
    if not places or file_format not in ("auto", *ROWS):
        yield settings
        return
    if len(places) > 1:
        raise InputError("standard input is named twice, and can be read once.")
    if settings.resume:
        raise InputError(
            "standard input can be read once, so --resume cannot go on with it; write it to a file."
        )
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError("nothing is piped into standard input, which - stands for.")
    folder = tempfile.mkdtemp(prefix="curator-stdin-")
    try:
        inputs = [*settings.inputs]
        inputs[places[0]] = _written(folder, file_format)
        changed: dict[str, Any] = {"inputs": inputs}
        yield replace(settings, **changed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _written(folder: str, file_format: str) -> str:
    path = Path(folder, "stdin")
    with storage_errors(str(path), "writing"), path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, _PIECE_BYTES)
    if not path.stat().st_size:
        raise InputError("standard input is empty.")
    contents = look(str(path))
    kind = contents.format if file_format == "auto" else file_format
    if kind not in _ENDINGS:
        raise InputError(
            f"standard input {contents.amiss}"
            if contents.amiss
            else "standard input does not begin as JSON lines, Parquet or Arrow do; "
            "add --format csv or --format text if it is that."
        )
    packed = next((e for e, kind in COMPRESSIONS.items() if kind == contents.compression), "")
    named = path.with_name(f"stdin{_ENDINGS[kind]}{packed}")
    path.rename(named)
    return str(named)
