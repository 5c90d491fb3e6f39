"""An app of pictures: what a new app writes itself to get the engine's commands on its runs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image

from curator_engine.commands import item_settings as settings
from curator_engine.commands.cli import JobResult
from curator_engine.commands.item_app import ItemApp
from curator_engine.commands.run_into_folder import DryRun, FolderJob
from curator_engine.commands.settings import CommonSettings, Job
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.items.item import Item
from curator_engine.items.item_table import ERRORS, ItemTable, text_columns
from curator_engine.items.limit import Limit
from curator_engine.items.stored_embeddings import write_embeddings
from curator_engine.pipeline import Pipeline
from curator_engine.running.run_record import write_record
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, short_hash
from curator_engine.vectors.matrix import unit_rows

NUMBERS = [pa.field(name, pa.int64()) for name in ("num_bytes", "width", "height")]
PICTURES = ItemTable(
    file="pictures.parquet",
    unit="pictures",
    made_by="pictures curate",
    kept="pictures",
    dropped="filtered_pictures",
    scores=("brightness",),
    about=(*text_columns("path"), *NUMBERS, ERRORS),
)
APP = ItemApp(
    items=PICTURES,
    program="pictures",
    job="curate",
    version="1",
    shard_kinds=("picture", "metas"),
)
DARK = Limit(group="exposure", score="brightness", value=0.1, least=True)


@dataclass(kw_only=True)
class CuratePicture(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Score a picture, drop it if it is dark, and write its file, row and fingerprint."""

    output: str

    def process(self, task: FileGroupTask) -> FileGroupTask:
        path, data = task.data[0], Path(task.data[0]).read_bytes()
        with Image.open(path) as image:
            size, grey = image.size, np.asarray(image.convert("L").resize((8, 8)), np.float32)
        item = Item(uuid=short_hash(path), scores={"brightness": float(grey.mean()) / 255})
        if reason := DARK.broken_by(item.scores):
            item.drop(DARK.group, reason)
        folder = PICTURES.dropped if item.drop_reason else PICTURES.kept
        place = f"{folder}/{item.uuid}.png"
        about = {"source": path, "path": place, "num_bytes": len(data)}
        about |= {"width": size[0], "height": size[1]}
        write_atomic(join(self.output, place), data)
        vector = unit_rows(grey.reshape(1, -1) - 128)
        write_embeddings(self.output, "fingerprint", item.uuid, [item.uuid], vector)
        part = join(self.output, "parts", f"{item.uuid}.parquet")
        write_table(part, PICTURES.of([item], lambda _: about))
        return FileGroupTask(data=[part])


@dataclass(kw_only=True)
class Curate(FolderJob[CommonSettings]):
    """Pictures into a run."""

    name, version = "curate", "1"

    @property
    def extensions(self):
        return [".png"]

    def dry_run(self):
        return DryRun(lines=[], seconds=1, memory_bytes=0, disk_bytes=0, summary={})

    def finished(self):
        return None

    def run(self):
        output = self.settings.output
        files = FilePartitioner(file_paths=self.settings.inputs, file_extensions=self.extensions)
        Pipeline("curate", stages=[files, CuratePicture(output=output)]).run(self.executor)
        table = PICTURES.join_parts(join(output, "parts"), output)
        facts = {"pictures": table.num_rows}
        write_record(output, {"job": "curate", "status": "done", "facts": facts})
        APP.write_page(output)
        return facts

    def result(self, facts):
        return JobResult(summary=facts, lines=[f"{facts['pictures']} pictures"])


ON_RUNS = {
    "filter": (settings.FilterSettings, "item_jobs:filter_items"),
    "dedup": (settings.DedupSettings, "item_jobs:dedup_items"),
    "search": (settings.SearchSettings, "item_jobs:search_items"),
    "shard": (settings.ShardSettings, "item_shards:shard_items"),
    "report": (settings.ReportSettings, "item_jobs:report_items"),
}
JOBS = [
    Job(
        name="curate",
        settings=CommonSettings,
        run=f"{__name__}:Curate",
        help="Curate pictures.",
        example="pictures curate run",
    ),
    *(
        Job(
            name=name,
            settings=kind,
            run=f"curator_engine.commands.{function}",
            app=f"{__name__}:APP",
            help=f"{name.capitalize()} pictures.",
            example=f"pictures {name} run",
        )
        for name, (kind, function) in ON_RUNS.items()
    ),
]
