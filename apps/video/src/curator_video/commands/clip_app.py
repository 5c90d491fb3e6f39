"""What the engine's commands on finished runs need to know of clips."""

import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.commands.item_app import ItemApp
from curator_engine.commands.item_settings import SearchSettings
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.earlier import Earlier
from curator_engine.items.stored_embeddings import embedding_files
from curator_video import __version__
from curator_video.clips.clip_table import CLIPS
from curator_video.clips.keep_policy import rank
from curator_video.pipelines.folders import earlier_output, earlier_shards
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.probe import probe_video
from curator_video.read.read_video import VIDEO_EXTENSIONS
from curator_video.report.page import build_page
from curator_video.report.summary import refresh_summary
from curator_video.scores.embed_clips import EMBEDDING_NAMES, EmbedClips, load_video_model
from curator_video.task import Clip, Video, VideoTask, clip_uuid


class ClipApp(ItemApp):
    """Clips of videos."""

    def adopt(self, folder: str) -> Earlier | None:
        """Runs of versions without manifests."""
        return earlier_output(folder)

    def adopt_shards(self, folder: str) -> Earlier | None:
        """Shards of versions without manifests."""
        return earlier_shards(folder)

    def rank(self, table: pa.Table, keep: Literal["best", "first"]) -> list[str]:
        """Clips with most detail first."""
        return rank(table, keep)

    def count(self, output: str, record: dict[str, Any]) -> None:
        """Write `summary.json` again."""
        refresh_summary(output, record)

    def page(self, output: str) -> str:
        """The page with videos and timelines."""
        return build_page(output)

    def searched(self, output: str, record: dict[str, Any]) -> str:
        """The embeddings that split made, by --embed.

        Raises:
            InputError: It made none.
        """
        kind = str(record.get("settings", {}).get("embed", ""))
        name = EMBEDDING_NAMES.get(kind, "")
        if not name or not embedding_files(output, name):
            raise InputError(
                f"{output} holds no embeddings; split again with --embed fingerprint, or with a model."
            )
        return name

    def query_vector(self, settings: SearchSettings, record: dict[str, Any]) -> NDArray[np.float32]:
        """The embedding of a file or of a text, shape (dims,)."""
        query, split = settings.inputs[1], record.get("settings", {})
        kind, model = str(split["embed"]), settings.model or str(split.get("model") or "")
        trusted = bool(split.get("trust_remote_code"))
        if Path(query).is_file():
            stage = EmbedClips(
                kind=split["embed"], model=model, trust_remote_code=trusted, device=settings.device
            )
            return _of_file(query, stage)
        if query.lower().endswith(tuple(VIDEO_EXTENSIONS)):
            raise InputError(f"{query} does not exist; check the path.")
        if kind == "fingerprint":
            raise SettingsError(
                "the visual fingerprint knows no words, so only a clip can be searched for; give a video "
                "file or a clip's id, or split with --embed clip --model FOLDER."
            )
        loaded = load_video_model(kind, model, device=settings.device, trust_remote_code=trusted)
        found: Any = loaded.embed_texts([query])
        return np.asarray(found, np.float32)[0]

    def found_line(self, output: str, row: dict[str, Any]) -> str:
        """With the video and the seconds."""
        file, dropped, end = super().found_line(output, row).partition(", dropped")
        return f"{file}  {row['video']} {row['start']:.2f} to {row['end']:.2f} s{dropped}{end}"


FINGERPRINT_EPS = 0.08
"""For fingerprints whose similarities have no clear valley; measured in benchmarks/clips.py."""
CLIP_APP = ClipApp(
    items=CLIPS,
    program="curator-video",
    job="split",
    version=__version__,
    lasting=("dedup", "transcode"),
    no_file_hint="split again with --keep-filtered to have them",
    fallback_eps=FINGERPRINT_EPS,
    shown=("uuid", "video", "start", "end", "keep", "path", "caption"),
)


def _of_file(path: str, stage: EmbedClips) -> NDArray[np.float32]:
    """The embedding of a whole video file."""
    facts = probe_video(path).metadata
    with tempfile.TemporaryDirectory() as scratch:
        task = VideoTask(data=Video(path=path, metadata=facts))
        analysed = AnalyseVideo(scratch=scratch).process(task)
        if analysed is None:
            raise InputError(f"{path} holds no picture that can be decoded.")
        video = analysed.data
        span = (0.0, facts.duration)
        frames = (0, video.num_frames)
        clip = Clip(uuid=clip_uuid(path, span), source_video=path, span=span, frames=frames)
        video.clips = [clip]
        stage.setup()
        stage.process(analysed)
    if not clip.embeddings:
        raise InputError(f"{path}: {clip.errors.get('embed', 'no embedding could be made')}.")
    return next(iter(clip.embeddings.values()))
