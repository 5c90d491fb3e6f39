"""How many there are of something, as a person says it."""

_ENDINGS = (("sses", "ss"), ("ies", "y"), ("s", ""))
"""Of many, and of one."""


def counted(count: int, things: str) -> str:
    """A number and what it is of, which is one thing or many.

    Args:
        count: How many.
        things: The word for many.

    Example:
        >>> counted(1, "addresses"), counted(2000, "files")
        ('1 address', '2,000 files')
    """
    if count == 1:
        many, one = next(each for each in _ENDINGS if things.endswith(each[0]))
        things = things.removesuffix(many) + one
    return f"{count:,} {things}"
