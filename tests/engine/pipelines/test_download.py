"""The frame of downloads, with a stage that writes down what it would fetch."""

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.download_settings import DownloadOptions
from curator_engine.commands.run_into_folder import run_into_folder
from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.pipelines.download import FetchJob, FetchWorkflow
from curator_engine.stage import ProcessingStage
from curator_engine.stages.downloads_table import downloads_that_came
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask

SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("key", "reason", "path", "how")] + [("num_bytes", pa.int64())]
)


@dataclass(kw_only=True)
class Pretend(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Fetch nothing: `gone` fails, until there is another word for how to ask."""

    parts: str
    how: str
    earlier: str = ""
    names: list[str] = field(default_factory=list[str])

    def process(self, task):
        number = int(task._metadata["file_index"])
        came = downloads_that_came(self.earlier, number)
        rows = []
        for each in map(str, pq.read_table(task.data[0]).column("url").to_pylist()):
            is_gone = each == "gone" and self.how == "curator-toy/1"
            row = {"key": each, "reason": "gone" if is_gone else "", "path": "p", "num_bytes": 1}
            rows.append(came.get(each, {**row, "how": self.how}))
        part = join(self.parts, f"{number:06d}.parquet")
        write_table(part, pa.Table.from_pylist(rows, SCHEMA))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)


@dataclass(kw_only=True)
class Toy(FetchWorkflow[DownloadOptions]):
    """Each file of the input is a list."""

    job, version, program, schema = "download", "1", "curator-toy", SCHEMA

    def stages(self):
        return [FilePartitioner(file_paths=self.settings.inputs), *self.fetching()]

    def addresses(self, steps, tasks):
        return [
            FileGroupTask(data=[file.path], _metadata={"num_urls": 2})
            for file in self.listed().files
        ]

    def fetching(self, earlier=""):
        how = self.rules().user_agent
        return [Pretend(parts=join(self.cache, "downloads"), how=how, earlier=earlier)]


@dataclass(kw_only=True)
class ToyJob(FetchJob[DownloadOptions, Toy]):
    of = Toy


@pytest.fixture
def download(tmp_path):
    for number, urls in enumerate((["a", "b"], ["c", "gone"])):
        table = pa.table({"url": urls})
        (tmp_path / "in").mkdir(exist_ok=True)
        pq.write_table(table, tmp_path / f"in/{number}.parquet")

    def run(inputs="in", **options):
        settings = DownloadOptions(
            inputs=[str(tmp_path / inputs)], output=str(tmp_path / "out"), workers=1, **options
        )
        settings.check()
        lines = run_into_folder(ToyJob(settings=settings, console=Console(quiet=True))).lines
        rows = pq.read_table(tmp_path / "out/downloads.parquet").to_pylist()
        return lines[0], [row["how"] for row in rows]

    return run


def test_what_failed_is_asked_for_in_another_way_and_the_rest_is_kept(download):
    line, how = download()
    assert line == "4 addresses: 3 downloaded, 0.0 MB; 1 not"
    assert how == ["curator-toy/1"] * 4
    line, how = download(retry_failed=True, user_agent="another", per_host=9.0)
    assert line == "4 addresses: 4 downloaded, 0.0 MB; 0 not"
    assert how == ["curator-toy/1"] * 3 + ["another"]
    # Nothing is left to ask for.
    assert download(retry_failed=True, user_agent="third") == (line, how)


def test_a_folder_without_a_run_is_filled_as_without_it(download):
    assert download(retry_failed=True)[0].startswith("4 addresses: 3 downloaded")


def test_another_cut_or_list_is_refused_before_anything_changes(download, tmp_path):
    download()
    before = (tmp_path / "out/run.json").read_bytes()
    for options in ({"per_file": 7}, {"inputs": "in/0.parquet"}, {"limit": 3}):
        with pytest.raises(InputError, match="other lists"):
            download(retry_failed=True, **options)
    assert (tmp_path / "out/run.json").read_bytes() == before
