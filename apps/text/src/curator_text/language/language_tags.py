"""What this app offers to others of languages: the entry point `languages` of the group `curator.stages`."""

from collections.abc import Sequence
from dataclasses import dataclass

from curator_text.language.codes import tag
from curator_text.language.detectors import Pycld2, wanted_languages


@dataclass(kw_only=True)
class LanguageTags:
    """Tells the language of short texts, as `curator-text langid --reliable` does.

    A guess at a few words is often wrong ("Ein roter Bus" is Norwegian), so only what pycld2 is sure of counts.

    Example:
        >>> LanguageTags().tag("Der rote Bus steht vor dem alten Bahnhof.")
        'deu'
    """

    def tag(self, text: str) -> str:
        """The language of a text as deu or zho_Hans; und if it is not determined."""
        found = Pycld2(reliable=True).detect(text)
        return tag(found.language, found.script)

    def wanted(self, codes: Sequence[str]) -> list[str]:
        """Languages as a person names them, as `tag` gives them.

        Args:
            codes: Such as en, deu or zh-Hant; also several with commas between them.

        Raises:
            SettingsError: One is no code, or a language that is never told.
        """
        return wanted_languages(codes, Pycld2())
