"""For which languages words can be told by white space."""

from curator_engine.errors import SettingsError

WITHOUT_SPACES = {
    "zh": "Chinese",
    "ja": "Japanese",
    "th": "Thai",
    "km": "Khmer",
    "lo": "Lao",
    "my": "Burmese",
    "bo": "Tibetan",
}


def check_language(lang: str) -> None:
    """Refuse a language that is written without spaces.

    Raises:
        SettingsError: Its words cannot be told by white space.
    """
    name = WITHOUT_SPACES.get(lang.lower().split("_")[0].split("-")[0])
    if name:
        raise SettingsError(
            f"lang={lang!r}: {name} is written without spaces, and words are split at white space here; "
            "leave out the rules on words for it."
        )
