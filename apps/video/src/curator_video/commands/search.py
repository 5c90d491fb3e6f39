"""The command `curator-video search`: the clips of a run that are nearest to a clip or a text.

What is compared are the embeddings that `split` has stored; nothing of the run is decoded.
"""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.commands.cli import Console, JobResult
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, open_read
from curator_engine.items.nearest import nearest
from curator_engine.running.run_record import read_record
from curator_video.clips.clip_table import read_clips
from curator_video.clips.write import EMBEDDINGS
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.probe import probe_video
from curator_video.read.read_video import VIDEO_EXTENSIONS
from curator_video.result_settings import SearchSettings
from curator_video.scores.embed_clips import EMBEDDING_NAMES, EmbedClips, load_video_model
from curator_video.task import Clip, Video, VideoTask, clip_uuid

_SHOWN = ("uuid", "video", "start", "end", "keep", "path", "caption")


def run(settings: SearchSettings, console: Console) -> JobResult:
    """Rank the clips by their similarity to the query.

    Raises:
        CuratorError: Not the folder of a run, no embeddings, or a query that they do not allow.
    """
    output, query = settings.inputs
    record = read_record(output)
    kind = str(record.get("settings", {}).get("embed", ""))
    ids, vectors = _stored(output, kind)
    wanted = _vector(settings, query, record.get("settings", {}), ids, vectors)
    table = read_clips(output).select(list(_SHOWN))
    found = nearest(table, ids, vectors, wanted, top=settings.top)
    return JobResult(
        summary={"query": query, "embeddings": kind, "clips": found},
        lines=[_line(output, row) for row in found] or ["no clip has an embedding"],
    )


def _line(output: str, row: dict[str, Any]) -> str:
    state = "" if row["keep"] else ", dropped"
    where = join(output, row["path"]) if row["path"] else row["uuid"]
    return (
        f"{row['similarity']:.4f}  {where}  {row['video']} "
        f"{row['start']:.2f} to {row['end']:.2f} s{state}"
    )


def _stored(output: str, kind: str) -> tuple[list[str], NDArray[np.float32]]:
    """The ids and embeddings of a run, shapes (clips,) and (clips, dims)."""
    folder = join(output, EMBEDDING_NAMES.get(kind, kind) + EMBEDDINGS)
    names = list_names(folder) if kind in EMBEDDING_NAMES else []
    if not names:
        raise InputError(
            f"{output} holds no embeddings; split again with --embed fingerprint, or with a model."
        )
    ids: list[str] = []
    parts: list[NDArray[np.float32]] = []
    for name in names:
        with open_read(join(folder, name)) as file:
            table: Any = pq.read_table(file, columns=["id", "embedding"])
        ids += table.column("id").to_pylist()
        flat = table.column("embedding").combine_chunks().flatten().to_numpy()
        parts.append(np.asarray(flat, np.float32).reshape(table.num_rows, -1))
    return ids, np.concatenate(parts)


def _vector(
    settings: SearchSettings,
    query: str,
    split: dict[str, Any],
    ids: list[str],
    vectors: NDArray[np.float32],
) -> NDArray[np.float32]:
    """The query's embedding, shape (dims,): of a clip of the run, of a file, or of a text."""
    kind, model = str(split["embed"]), settings.model or str(split.get("model") or "")
    if query in ids:
        return vectors[ids.index(query)]
    if Path(query).is_file():
        stage = EmbedClips(
            kind=split["embed"],
            model=model,
            trust_remote_code=bool(split.get("trust_remote_code")),
            device=settings.device,
        )
        return _of_file(query, stage)
    if query.lower().endswith(tuple(VIDEO_EXTENSIONS)):
        raise InputError(f"{query} does not exist; check the path.")
    if kind == "fingerprint":
        raise SettingsError(
            "the visual fingerprint knows no words, so only a clip can be searched for; give a video "
            "file or a clip's id, or split with --embed clip --model FOLDER."
        )
    trusted = bool(split.get("trust_remote_code"))
    loaded = load_video_model(kind, model, device=settings.device, trust_remote_code=trusted)
    found: Any = loaded.embed_texts([query])
    return np.asarray(found, np.float32)[0]


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
