"""Private data: find it in texts, and mask, hash or drop it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.pipeline import Executor
from curator_engine.resources import Resources
from curator_engine.task import short_hash
from curator_text.editing.edit_documents import EditDocuments
from curator_text.pii.editor import PiiEditor, read_key
from curator_text.pii.find import KINDS, Finder
from curator_text.pii.names import NAME_KINDS, NameFinder
from curator_text.pipelines.edit_workflow import EditWorkflow
from curator_text.settings import PiiSettings


@dataclass(kw_only=True)
class PiiWorkflow(EditWorkflow[PiiSettings]):
    """Mask, hash or drop the private data in the text field; other fields of a row are not looked at.

    What is found stands nowhere in the result: neither in `removed/` and `quarantine/` nor in the record, the page or a message.

    Example:
        >>> settings = PiiSettings(inputs=["corpus"], output="masked", kinds=["email", "phone"])
        >>> PiiWorkflow(settings=settings).run()
    """

    job, title = "pii", "pii"
    private = True

    @cached_property
    def editor(self) -> PiiEditor:
        """What the settings ask for.

        Raises:
            SettingsError: An unknown kind or region, or no key for hashes.
        """
        settings = self.settings
        names = NameFinder(model=settings.names, device=settings.device) if settings.names else None
        kinds = tuple(settings.kinds) or (*KINDS, *(NAME_KINDS if names else ()))
        if names and not {*kinds} & {*NAME_KINDS}:
            raise SettingsError(
                f"--names finds {', '.join(NAME_KINDS)}; give one of them by --kinds, or leave --names out."
            )
        finder = Finder(kinds=kinds, regions=_regions(settings.region), names=names)
        key = read_key(settings.key_file) if settings.action == "hash" else None
        return PiiEditor(finder=finder, action=settings.action, key=key)

    @property
    def editor_key(self) -> str:
        """Changes with the kinds, the action and the key, which it does not tell."""
        return short_hash(repr(self.editor))

    def look(self, executor: Executor) -> None:
        """Look for the text field, and load the model for names, so that what it lacks shows before any work."""
        super().look(executor)
        self.editor.prepare()

    def edit_stage(self) -> EditDocuments:
        """As of every job; with a GPU where one is asked for."""
        stage = super().edit_stage()
        if self.settings.names and self.settings.device == "gpu":
            stage.resources = Resources(cpus=1.0, gpus=1.0)
        return stage

    def about(self) -> dict[str, Any]:
        """The kinds."""
        return {"kinds": self.editor.names}


def _regions(given: list[str]) -> tuple[str, ...]:
    from phonenumbers import SUPPORTED_REGIONS

    regions = tuple(region.upper() for region in given)
    for region in regions:
        if region not in SUPPORTED_REGIONS:
            raise SettingsError(
                f"--region {region} is no country; give its two letters, as US or DE."
            )
    return regions
