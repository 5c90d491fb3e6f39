"""Shots: a list and a picture of the shots of each video."""

import tempfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.device import Device, device_on
from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.paths import is_remote, join
from curator_engine.pipeline import Executor
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, Format
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_video import __version__
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.settings import ShotsSettings
from curator_video.shots.shot_network import check_network, network_note
from curator_video.shots.write_shots import WriteShots

_TAKEN = {"json": {"run"}, "csv": set[str](), "edl": set[str]()}
"""Names that a list cannot have, by its format: `run.json` is the record."""


@dataclass(kw_only=True)
class ShotsWorkflow(FolderWorkflow[ShotsSettings]):
    """Write the shots of videos; `curator-video shots -o` in Python.

    Example:
        >>> settings = ShotsSettings(inputs=["videos"], output="shots", format="edl")
        >>> ShotsWorkflow(settings=settings).run()
    """

    job, version = "shots", __version__
    _scratch: str = field(default="", init=False)
    _device: Device = field(default="auto", init=False)

    @classmethod
    def reads(cls, settings: ShotsSettings) -> Format:
        """Videos only."""
        return "video"

    def files_that_count(self) -> int | None:
        """As the limit says."""
        return self.settings.limit

    def look(self, executor: Executor) -> None:
        """Make sure that the workers reach the tracks; find out where the network runs, and that it can."""
        check_network(self.settings.detector, self.settings.weights)
        self._device = device_on(executor, self.settings.device)
        self._scratch = join(self.cache, "scratch")
        if is_remote(self.settings.output) and not isinstance(executor, LocalExecutor):
            raise SettingsError(
                f"{self.settings.output} is remote, and tracks need a folder that all workers reach; "
                "give a local -o, or run with the local executor."
            )

    def stages(self) -> list[AnyStage]:
        """List, read, decode, write."""
        settings = self.settings
        return [
            FilePartitioner(file_paths=settings.inputs, file_format="video", limit=settings.limit),
            ReadVideo(scratch=self._scratch),
            AnalyseVideo(scratch=self._scratch, motion=False),
            WriteShots(
                output=settings.output,
                names=self.names(),
                format=settings.format,
                detector=settings.detector,
                threshold=settings.threshold,
                weights=settings.weights,
                device=self._device,
            ),
        ]

    def names(self) -> dict[str, str]:
        """Of the two files of each video, unlike those of the videos before."""
        taken = set(_TAKEN[self.settings.format])
        names: dict[str, str] = {}
        for file in self.listed().files[: self.settings.limit]:
            stem = name = PurePosixPath(file.path).stem
            number = 1
            while name in taken:
                number += 1
                name = f"{stem}-{number}"
            taken.add(name)
            names[file.path] = name
        return names

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Run the pipeline."""
        if tasks is not None:
            raise SettingsError("shots are found in `inputs`, not in tasks.")
        with tempfile.TemporaryDirectory(prefix="curator-shots-") as folder:
            if is_remote(self.settings.output):
                self._scratch = folder
            found = [task._metadata for task in steps.run(self.job, self.stages())]
        note = network_note(self.settings.detector, self.settings.weights)
        facts["notes"] = [note] if note else []
        facts["notes"] += [f"{each['video']}: {each['note']}" for each in found if each["note"]]
        facts["num_videos"] = len(found)
        facts["num_shots"] = sum(each["shots"] for each in found)
        facts["shots"] = {each["video"]: each["shots"] for each in found}
