"""Lists of addresses: JSON lines, CSV, Parquet, or text with an address in each line; what rows mean is the app's."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.errors import DamagedFileError
from curator_engine.files.formats import PROSE_EXTENSIONS, look
from curator_engine.files.list_rows import is_csv, list_rows, text_lines
from curator_engine.files.storage import input_errors, open_read

_ROWS_AT_A_TIME = 1000


def rows_of_list(path: str) -> Iterator[dict[str, Any] | None]:
    """The rows of a list as dicts: empty for an empty line, None for a line that is no JSON object.

    Args:
        path: JSON lines, CSV, Parquet, or text with one address in each line, which becomes `url`; compressed or not.

    Raises:
        UnreadableFileError: It cannot be read.
        DamagedFileError: It is cut off, or no list.

    Example:
        >>> next(rows_of_list("urls.txt"))
        {'url': 'https://example.org/'}
    """
    if path.lower().endswith(PROSE_EXTENSIONS):
        yield from ({"url": text} if text else {} for text in text_lines(path))
    elif is_csv(path) or look(path).format != "parquet":
        yield from list_rows(path)
    else:
        yield from _of_parquet(path)


def _of_parquet(path: str) -> Iterator[dict[str, Any]]:
    with input_errors(path), open_read(path) as file:
        try:
            table = pq.ParquetFile(file, page_checksum_verification=True)
            names = [each.name for each in table.schema_arrow if not _is_large(each.type)]
            for batch in table.iter_batches(_ROWS_AT_A_TIME, columns=names, use_threads=False):
                rows: list[dict[str, Any]] = batch.to_pylist()
                for row in rows:
                    yield {name: value for name, value in row.items() if value is not None}
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            reason = " ".join(str(error).split())
            raise DamagedFileError(f"{path} is no table that can be read ({reason}).") from error


def _is_large(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind)
