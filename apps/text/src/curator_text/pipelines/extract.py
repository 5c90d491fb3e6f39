"""Extract documents from pages.

data/                 the documents
removed/              pages without one, and why
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import Format, parse_size
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_text.extract.extract_pages import ExtractPages
from curator_text.extract.page_files import PageFiles
from curator_text.extract.page_sources import DUMP_ENDINGS, ENDINGS, RowFields
from curator_text.extract.stop_words import require
from curator_text.report.extract_page import build_page
from curator_text.source_settings import ExtractSettings
from curator_text.version import __version__


@dataclass(kw_only=True)
class ExtractWorkflow(FolderWorkflow[ExtractSettings]):
    """Extract documents from pages; `curator-text extract` in Python.

    Example:
        >>> settings = ExtractSettings(inputs=["crawl/*.warc.gz"], output="documents")
        >>> ExtractWorkflow(settings=settings).run().metadata["kept"]
        31542
    """

    job, version, title = "extract", __version__, "extraction"
    draw = staticmethod(build_page)

    def check(self) -> None:
        """Look at the settings, and for the extractor's package."""
        self.settings.check()
        if self.settings.extractor == "justext":
            require("justext")

    def look(self, executor: Executor) -> None:
        """Look for the package that articles need, if there is a dump."""
        if any(file.path.lower().endswith(DUMP_ENDINGS) for file in self.listed().files):
            require("mwparserfromhell")

    @property
    def extensions(self) -> list[str] | None:
        """Those of pages, unless rows hold them."""
        return None if self.settings.html_field else list(ENDINGS)

    @classmethod
    def reads(cls, settings: ExtractSettings) -> Format:
        """Rows, with a field of theirs."""
        return "auto"

    def stages(self) -> list[AnyStage]:
        """Every page goes through one stage."""
        settings = self.settings
        source = PageFiles(
            file_paths=settings.inputs,
            file_extensions=self.extensions,
            limit=settings.limit,
            shard=settings.shard,
            rows=self.rows,
        )
        return [source, self.extract_stage()]

    def extract_stage(self) -> ExtractPages:
        """The stage that extracts."""
        settings = self.settings
        return ExtractPages(
            output=settings.output,
            extractor=settings.extractor,
            min_chars=settings.min_chars,
            min_formulas=settings.min_formulas,
            links=settings.links,
            page_timeout=settings.page_timeout,
            page_memory=parse_size(settings.page_memory),
            rows=self.rows,
            output_format=settings.output_format,
        )

    @property
    def rows(self) -> RowFields | None:
        """Where rows have their pages."""
        settings = self.settings
        if settings.html_field is None:
            return None
        return RowFields(html=settings.html_field, id=settings.id_field, url=settings.url_field)

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Extract, and add up what each task counted."""
        stages = self.stages()
        found = steps.run(self.job, stages if tasks is None else stages[1:], tasks)
        facts |= added_up(task._metadata for task in found)


def added_up(counts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The facts of a run: documents are pages that were looked at, kept or removed."""
    total, reasons = Counter[str](), Counter[str]()
    for each in counts:
        total.update({name: int(each.get(name, 0)) for name in ("kept", "removed", "text_bytes")})
        reasons.update(each.get("reasons", {}))
    return {
        "num_documents": total["kept"] + total["removed"],
        "kept": total["kept"],
        "num_removed": total["removed"],
        "text_bytes": total["text_bytes"],
        "removed_by": dict(sorted(reasons.items(), key=lambda each: (-each[1], each[0]))),
    }
