"""Pictures into a curated set: measure each once, decide, write what stays byte for byte.

images.parquet          a row per picture, with all scores, whether it is kept, and why not
duplicates.parquet      copies, with the picture that stays
fingerprints.arrow      what copies are found by, for `dedup` later
data/                   the kept pictures, as the input is
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from typing import Any

import pyarrow as pa

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.device import Device
from curator_engine.files.listing import find_files
from curator_engine.files.output_folder import refuse_overlap, take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.items.copies import LEAK
from curator_engine.items.fingerprint_file import FILE
from curator_engine.items.input_again import end_again, steps_again
from curator_engine.items.item_table import DUPLICATES
from curator_engine.models.hub_models import look_for_model
from curator_engine.models.model_names import CLIP
from curator_engine.running.progress import ProgressSink
from curator_engine.running.run_record import Wanted
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stage import AnyStage
from curator_engine.stages.files import Format, file_source, find_inputs
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_image import __version__
from curator_image.captions.caption_languages import wanted_languages
from curator_image.copy_options import CopyOptions
from curator_image.duplicates.compare_stage import CompareInSteps
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE
from curator_image.duplicates.semantic import EMBEDDING, SemanticSearch
from curator_image.images.counts import counts_in, said
from curator_image.images.decide import by_languages, by_limits, pairs_of, without_copies
from curator_image.images.image_table import IMAGES
from curator_image.images.image_tasks import PACKED_BYTES, tasks_of
from curator_image.images.measure_images import READ, MeasureImages
from curator_image.images.originals import Originals
from curator_image.images.print_index import add_to_index, index_files, is_index
from curator_image.images.write_rows import PRINTS, ROWS, WriteRows
from curator_image.pipelines.kept_images import Form, left_out, rewrite_kept, write_kept
from curator_image.pipelines.model_stages import model_stages, needs_pixels
from curator_image.report.page import build_page
from curator_image.settings import CurateSettings

NAME = "curate"


@dataclass(kw_only=True)
class CurateWorkflow(FolderWorkflow[CurateSettings]):
    """Curate pictures; `curator-image curate` in Python.

    Example:
        >>> settings = CurateSettings(inputs=["photos"], output="curated")
        >>> CurateWorkflow(settings=settings).run().metadata["kept"]
        14
    """

    job, version = NAME, __version__
    draw = staticmethod(build_page)

    @classmethod
    def reads(cls, settings: CurateSettings) -> Format:
        """Pictures, and files that hold some."""
        return "image"

    def files_that_count(self) -> int | None:
        """As the limit says."""
        return self.settings.limit

    def check(self) -> None:
        """Look at the folders and at the models that are asked for."""
        refuse_overlap(self.settings.output, self._given_against)
        model_stages(self.settings)
        if embed := self.settings.embed:
            look_for_model(CLIP if embed == "clip" else embed, option="--embed")
        _ = self._languages

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output, and the index that is added to."""
        index = self.settings.save_index
        # An index that is compared with first and then added to is no input.
        read = [*inputs, *(each for each in self._given_against if each != index)]
        with ExitStack() as folders:
            folders.enter_context(super().folders(inputs))
            if index:
                folders.enter_context(take(index, job="index", version=__version__, inputs=read))
            return folders.pop_all()

    def wanted(self) -> Wanted:
        """With what the pictures are compared with, which may change as the input may."""
        wanted, runs = super().wanted(), self._runs_against
        stored = [join(run, FILE) for run in runs]
        stored += [file for each in self._indexes for file in index_files(each, but=self._part)]
        files = find_files(stored, extensions=[""]).files if stored else []
        if self._files_against:
            files = [*files, *find_inputs(self._files_against, file_format="image").files]
        marks = [f"against {file.path} {file.stamp}" for file in files]
        return replace(wanted, files=[*wanted.files, *marks])

    def stages(self) -> list[AnyStage]:
        """What every picture goes through once."""
        settings = self.settings
        source = file_source(file_paths=settings.inputs, file_format="image", shard=settings.shard)
        return [source, *self._measured(join(self.cache, "parts"))]

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Measure, decide, write."""
        settings, output = self.settings, self.settings.output
        given = tasks_of(self.listed().files[: settings.limit]) if tasks is None else tasks
        parts = join(self.cache, "parts")
        steps.run("measure", self._measured(parts, model_stages(settings)), given)
        facts["notes"] = _passed_over(parts)
        table = IMAGES.read_parts(join(parts, ROWS))
        table = by_limits(table, settings.score_limits())
        table = by_languages(table, self._languages)
        prints = FINGERPRINT_FILE.join(join(parts, PRINTS), output)
        semantic = semantic_search([output], settings, device=settings.device)
        against = self._against(steps)
        others = [FINGERPRINT_FILE.read(path) for path in against]
        table = without_copies(
            table,
            prints,
            settings,
            data_of=Originals(table),
            against=pa.concat_tables(others) if others else None,
            only_against=bool(settings.shard),
            semantic=semantic,
            compare=_on_workers(steps, settings, against),
        )
        facts["notes"] += semantic.said() if semantic else []
        write_table(join(output, DUPLICATES), pairs_of(table))
        if tasks is None and settings.output_format not in ("as-input", "none"):
            chosen = self.listed().files[: settings.limit]
            given = tasks_of(chosen, most_files=settings.per_file, most_bytes=PACKED_BYTES)
        form = Form.of(vars(settings))
        if settings.shard and form.output_format != "as-input":
            # Which pictures share a tar or table is known when all shards are done.
            form = Form(output_format="none")
        table = write_kept(steps, given, table, form)
        IMAGES.write(output, table)
        facts |= counts_of(table)
        facts["notes"] += left_out(steps)
        if settings.reencode != "off":
            how = {name: getattr(settings, name) for name in ("reencode", "quality", "max_side")}
            facts["reencoded"] = {**how, "images": facts["kept"], "upright": True}
        if settings.save_index:
            kept = {
                row["uuid"] for row in table.select(["uuid", "keep"]).to_pylist() if row["keep"]
            }
            count = add_to_index(settings.save_index, self._part, prints, kept)
            facts["index"] = {"path": settings.save_index, "images": count}

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether it is known which pictures stay."""
        return "kept" in facts

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """Find the copies among the pictures of all shards, and take them out of `data/`."""
        settings: dict[str, Any] = runs[0].record["settings"]
        known = [f.name for f in fields(CopyOptions) if f.name in settings]
        how = CopyOptions(**{name: settings[name] for name in known})
        before = IMAGES.sorted(IMAGES.read(run.path) for run in runs)
        prints = FINGERPRINT_FILE.write(
            (FINGERPRINT_FILE.open(run.path) for run in runs), join(output, FILE)
        )
        semantic = semantic_search([run.path for run in runs], how)
        table = find_again(output, before, prints, how, semantic=semantic)
        write_table(join(output, DUPLICATES), pairs_of(table))
        table, notes = rewrite_kept(output, table, before, settings)
        IMAGES.write(output, table)
        facts |= counts_of(table)
        notes += semantic.said() if semantic else []
        facts["notes"] = [*facts.get("notes", []), *notes]
        if "reencoded" in facts:
            facts["reencoded"]["images"] = facts["kept"]

    def _measured(self, parts: str, models: Sequence[AnyStage] = ()) -> list[AnyStage]:
        settings = self.settings
        embeddings = EMBEDDING if models and settings.embed else ""
        return [
            MeasureImages(with_pixels=bool(models) and needs_pixels(settings)),
            *models,
            WriteRows(output=settings.output, parts=parts, embeddings=embeddings),
        ]

    @property
    def _languages(self) -> list[str]:
        """Of captions that stay, as `caption_language` has them; all if empty."""
        given = self.settings.caption_languages
        return wanted_languages(given) if given else []

    @property
    def _part(self) -> str:
        """The name of this run's part of an index: the same for the same settings and input."""
        return super().wanted().key

    @property
    def _given_against(self) -> list[str]:
        """Of `against`, all but an index that this run is to make."""
        made = self.settings.save_index
        return [each for each in self.settings.against if each != made or is_index(each)]

    @property
    def _indexes(self) -> list[str]:
        """Of `against`, the indexes."""
        return [each for each in self._given_against if is_index(each)]

    @property
    def _runs_against(self) -> list[str]:
        """Of `against`, the folders of earlier runs."""
        return [each for each in self._given_against if exists(join(each, FILE))]

    @property
    def _files_against(self) -> list[str]:
        """Of `against`, files and folders of pictures."""
        others = [*self._runs_against, *self._indexes]
        return [each for each in self._given_against if each not in others]

    def _against(self, steps: Steps) -> tuple[str, ...]:
        """Files of fingerprints of what must not be in the result: of earlier runs, and of pictures."""
        paths = [join(each, FILE) for each in self._runs_against]
        for each in self._indexes:
            paths += index_files(each, but=self._part)
        if others := self._files_against:
            parts = join(self.cache, "against")
            files = find_inputs(others, file_format="image").files
            steps.run("against", self._measured(parts), tasks_of(files))
            FINGERPRINT_FILE.join(join(parts, PRINTS), parts)
            paths.append(join(parts, FILE))
        return tuple(paths)


def semantic_search(
    folders: Sequence[str], how: CopyOptions, *, device: Device = "auto"
) -> SemanticSearch | None:
    """What finds pictures that mean the same, if it is asked for."""
    return None if how.eps == "off" else SemanticSearch(folders, how.eps, device=device)


def find_again(
    output: str,
    table: pa.Table,
    prints: pa.Table,
    how: CopyOptions,
    *,
    semantic: SemanticSearch | None = None,
    progress: ProgressSink | None = None,
) -> pa.Table:
    """Find the copies among the pictures of a finished run, on all workers of this machine.

    Args:
        output: The folder of the run, with the file of the fingerprints.
        table: Rows of `images.parquet`.
        prints: Fingerprints of its pictures.
        how: What counts as a copy, and which one stays.
        semantic: Finds what means the same.
        progress: Is told how far it is.

    Returns:
        The table with marks on copies, as `without_copies` gives it.
    """
    steps = steps_again(output, "copies", progress=progress)
    try:
        return without_copies(
            table,
            prints,
            how,
            data_of=Originals(table),
            semantic=semantic,
            compare=_on_workers(steps, how),
        )
    finally:
        end_again(steps)


def _on_workers(
    steps: Steps, how: CopyOptions, against: tuple[str, ...] = ()
) -> Callable[[str], CompareInSteps]:
    """Compares the pictures of the run of these steps with those of `against` (LEAK), or with each other."""
    return lambda stage: CompareInSteps(
        steps=steps,
        name=f"copies-{stage}",
        prints=join(steps.output, FILE),
        against=against if stage == LEAK else (),
        threshold=how.threshold,
        min_overlap=how.min_overlap,
    )


def counts_of(table: pa.Table) -> dict[str, Any]:
    """How many pictures there are, stay and go, and as what."""
    stages = Counter(table.column("drop_stage").to_pylist())
    kept = stages.pop("", 0)
    unread = stages.pop(READ, 0)
    return {
        "images": table.num_rows,
        "kept": kept,
        "dropped": sum(stages.values()),
        "unreadable": unread,
        "dropped_by": dict(sorted(stages.items())),
    }


def _passed_over(parts: str) -> list[str]:
    """What tars and lists hold beside pictures, as a line; none if nothing."""
    words = said(counts_in(join(parts, ROWS)))
    return [f"passed over in files: {words}"] if words else []
