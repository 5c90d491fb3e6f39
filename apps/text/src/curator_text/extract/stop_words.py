"""The most frequent words of languages, by which sentences are told from menus; jusText's lists, where it is installed."""

from functools import cache
from importlib.util import find_spec

from curator_engine.errors import SettingsError

NOT_SPACED = frozenset({"THAI", "CHINESE", "JAPANESE", "KOREAN"})
"""Languages whose words are not, or not reliably, set apart: shares of frequent words mean nothing there."""


def require(module: str) -> None:
    """Make sure that a package of the extra `extract` is there.

    Raises:
        SettingsError: It is not.
    """
    if find_spec(module) is None:
        raise SettingsError(
            f"the package {module} is not installed; install curator-text[extract]."
        )


@cache
def stop_words(language: str) -> frozenset[str]:
    """The frequent words of a language, by its English name in any case; none if they are not known.

    Raises:
        SettingsError: jusText is not installed.
    """
    require("justext")
    import justext

    known = {name.upper(): name for name in justext.get_stoplists()}
    name = known.get(language.upper())
    return frozenset(justext.get_stoplist(name)) if name else frozenset()


def get_stop_list_dict(languages: list[str] | None = None) -> dict[str, frozenset[str]]:
    """The frequent words of languages by their names in capitals, as NeMo Curator has them.

    Args:
        languages: English names; all that are known, and those that have no spaces, unless given.
    """
    require("justext")
    import justext

    names = languages or [*justext.get_stoplists(), *NOT_SPACED]
    return {name.upper(): stop_words(name) for name in sorted(names)}
