"""Values that stand in the names of folders, `site=a/part.parquet`, as Hive and Spark partition tables.

A file that has a column of that name itself keeps its own values.
"""

import re
from urllib.parse import quote, unquote

NULL = "__HIVE_DEFAULT_PARTITION__"
"""What such a folder is called of rows without a value."""
_SAFE = " !$&()+,;@~"
"""What stays in the name of a folder besides letters, digits and `-._`."""
_NUMBER = re.compile(r"-?\d{1,18}")


def partition_values(path: str) -> dict[str, str | int | None]:
    """The columns that the folders around a file name, and their values.

    Whole numbers are numbers, as in other readers of such folders; the folder nearest to the file
    decides on a name that is there twice.
    """
    values: dict[str, str | int | None] = {}
    for folder in path.split("/")[:-1]:
        name, equals, text = folder.partition("=")
        if name and equals:
            values[unquote(name)] = _value(unquote(text))
    return values


def _value(text: str) -> str | int | None:
    if text == NULL:
        return None
    return int(text) if _NUMBER.fullmatch(text) else text


def partition_folder(name: str, value: str | None) -> str:
    """The folder of the rows that have a value, `lang=de`; what other readers would stumble on is escaped as %2F."""
    return f"{_escaped(name)}={NULL if value is None else _escaped(value)}"


def _escaped(text: str) -> str:
    # Letters of all alphabets stay, as in Hive.
    return "".join(each if each.isalnum() else quote(each, safe=_SAFE) for each in text)
