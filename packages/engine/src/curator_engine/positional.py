"""Arguments by position, for classes that NeMo Curator's users make so: in its order, not in ours.

Our dataclasses are keyword-only and their fields stand in the order in which they are explained.
docs/decisions/0021-positional-arguments.md says why the order is written apart.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

_OF_STAGES = ("name", "batch_size", "resources")
"""What every stage has, also where it is no field of its class."""


def positional[C](*names: str) -> Callable[[type[C]], type[C]]:
    """Let a class take these parameters by position as well.

    `name`, `batch_size` and `resources`, which each stage has, may be among them without being fields of the class.

    Args:
        names: Parameters in NeMo Curator's order, also those that the class does not have: giving one
            is Python's usual error about an unexpected keyword.

    Example:
        >>> @positional("path", "fields")
        ... @dataclass(kw_only=True)
        ... class Writer:
        ...     fields: list[str] | None = None
        ...     path: str
        >>> Writer("out")
    """

    def decorate(cls: type[C]) -> type[C]:
        given: Any = cls
        init: Callable[..., None] = given.__init__
        known = inspect.signature(init).parameters
        of_stages = [name for name in _OF_STAGES if name in names and name not in known]

        @functools.wraps(init)
        def by_position(self: Any, /, *args: Any, **kwargs: Any) -> None:
            if args:
                kwargs = _named(cls.__name__, names, args, kwargs)
            later = {name: kwargs.pop(name) for name in of_stages if name in kwargs}
            init(self, **kwargs)
            for name, value in later.items():
                setattr(self, name, value)

        given.__init__ = by_position
        return cls

    return decorate


def _named(
    cls: str, names: tuple[str, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The arguments, all of them by keyword.

    Raises:
        TypeError: There are too many, or one is given twice.
    """
    if len(args) > len(names):
        raise TypeError(
            f"{cls} takes at most {len(names)} arguments by position ({', '.join(names)}); "
            f"{len(args)} were given. Name the others."
        )
    given = dict(zip(names, args, strict=False))
    if twice := [name for name in given if name in kwargs]:
        raise TypeError(f"{cls} got {twice[0]!r} by position and by name; give it once.")
    return given | kwargs
