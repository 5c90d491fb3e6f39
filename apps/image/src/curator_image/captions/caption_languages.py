"""Tell the languages of captions, by what the text app offers.

It is the entry point `languages` of the group `curator.stages`: a class without settings whose objects have

    tag(text: str) -> str                          deu, or zho_Hans; und where it is not determined
    wanted(codes: Sequence[str]) -> list[str]      languages as people write them, as `tag` gives them;
                                                   raises SettingsError for what is none
"""

from dataclasses import dataclass, field
from typing import Any

from curator_engine.entry_points import find_stage
from curator_engine.stage import ProcessingStage
from curator_image.captions.caption_scores import caption_of
from curator_image.scores.batch_scores import item_of
from curator_image.task import ImageBatch

FACT = "caption_language"
OFFER, PACKAGE = "languages", "curator-text"


def wanted_languages(codes: list[str]) -> list[str]:
    """Languages as people write them, such as en, as `caption_language` has them.

    Raises:
        SettingsError: One is no code of a language that is told.
        ResourceError: The text app is not installed.
    """
    return list(find_stage(OFFER, package=PACKAGE)().wanted(codes))


@dataclass(kw_only=True)
class TellCaptionLanguages(ProcessingStage[ImageBatch, ImageBatch]):
    """Set `caption_language` of the pictures that have a caption.

    Raises:
        ResourceError: The text app is not installed.
    """

    _tags: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._tags = find_stage(OFFER, package=PACKAGE)()

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the languages."""
        for image in task.data:
            if text := caption_of(image).strip():
                about: dict[str, Any] = getattr(item_of(image), "about", image.metadata)
                about[FACT] = self._tags.tag(text)
        return task
