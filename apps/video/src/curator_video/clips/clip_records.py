"""The JSON records of a run, with NeMo Curator's fields: of a clip, a chunk of clips and a video.

Ours come after them. Times are seconds from the video's first frame; paths are from the output folder.
"""

from typing import Any

from curator_engine.items.item_table import error_lines
from curator_engine.redaction import redacted
from curator_video.task import Clip, Video, Window

_SCORE_KEYS = {
    "global_mean": "motion_global_mean",
    "per_patch_min_256": "motion_per_patch_min_256",
}


def clip_record(video: Video, clip: Clip) -> dict[str, Any]:
    """`metas/v0/<clip>.json`; `valid` is true for a clip that is kept and has no error."""
    facts, file = video.metadata, clip.encoded
    record: dict[str, Any] = {
        "span_uuid": clip.uuid,
        "source_video": redacted(clip.source_video),
        "duration_span": list(clip.span),
        "width_source": facts.width,
        "height_source": facts.height,
        "framerate_source": facts.framerate,
        "clip_location": file.path if file else "",
    }
    if file:
        record |= {
            "width": file.width,
            "height": file.height,
            "pixel_aspect": facts.pixel_aspect,
            "framerate": file.framerate,
            "num_frames": file.num_frames,
            "video_codec": file.video_codec,
            "num_bytes": file.num_bytes,
            "audio_codec": file.audio_codec,
            "start": file.start,
        }
    motion = {key: clip.scores.get(name) for key, name in _SCORE_KEYS.items()}
    if any(value is not None for value in motion.values()):
        record["motion_score"] = motion
    if "aesthetic" in clip.scores:
        record["aesthetic_score"] = clip.scores["aesthetic"]
    return record | {
        "errors": error_lines(clip.errors),
        "windows": [_window_record(window) for window in clip.windows],
        "valid": not clip.drop_reason and not clip.errors,
        "keep": not clip.drop_reason,
        "drop_stage": clip.drop_stage,
        "drop_reason": clip.drop_reason,
        "frame_span": list(clip.frames),
        "damaged_frames": clip.damaged_frames,
        "missing_frames": clip.missing_frames,
        "scores": dict(sorted(clip.scores.items())),
        "preview": clip.preview,
        "transcript": clip.transcript,
    }


def _window_record(window: Window) -> dict[str, Any]:
    return {
        "start_frame": window.start_frame,
        "end_frame": window.end_frame,
        **{f"{model}_caption": text for model, text in window.caption.items()},
        **{f"{model}_enhanced_caption": text for model, text in window.enhanced_caption.items()},
    }


def video_record(video: Video) -> dict[str, Any]:
    """`processed_videos/<video>.json`."""
    facts = video.metadata
    return {
        "video": redacted(video.path),
        "height": facts.height,
        "width": facts.width,
        "framerate": facts.framerate,
        "num_frames": video.num_frames or facts.num_frames,
        "duration": facts.duration,
        "video_codec": facts.video_codec,
        "pixel_format": facts.pixel_format,
        "audio_format": facts.audio_codec,
        "num_total_clips": video.num_total_clips,
        "num_clip_chunks": video.num_clip_chunks,
        "size": facts.size,
        "rotation": facts.rotation,
        "mirrored": facts.mirrored,
        "time_stamps": facts.stamps,
        "pixel_aspect": facts.pixel_aspect,
        "hdr": facts.hdr,
        "left_out": {reason: round(seconds, 6) for reason, seconds in video.left_out.items()},
        "frames": {
            "input": (video.num_frames or facts.num_frames) + video.undecodable,
            "in_clips": video.frames_in_clips,
            "left_out": video.left_out_frames,
        },
        "errors": error_lines(video.errors),
        "notes": error_lines(video.notes),
    }


def chunk_record(video: Video) -> dict[str, Any]:
    """`processed_clip_chunks/<video>_<chunk>.json`."""
    kept = [clip for clip in video.clips if not clip.drop_reason]
    dropped = [clip for clip in video.clips if clip.drop_reason]
    lengths = [clip.duration for clip in kept]
    stages = sorted({"motion", "aesthetic"} | {clip.drop_stage for clip in dropped})
    counts = {
        f"num_clips_filtered_by_{stage}": sum(clip.drop_stage == stage for clip in dropped)
        for stage in stages
    }
    return {
        "video": redacted(video.path),
        "clip_chunk_index": video.clip_chunk_index,
        **counts,
        "num_clips_passed": len(kept),
        "num_clips_transcoded": sum(clip.encoded is not None for clip in video.clips),
        "num_clips_with_embeddings": sum(bool(clip.embeddings) for clip in kept),
        "num_clips_with_caption": sum(any(w.caption for w in clip.windows) for clip in kept),
        "num_clips_with_webp": sum(bool(clip.preview) for clip in kept),
        "total_clip_duration": sum(lengths),
        "max_clip_duration": max(lengths, default=0.0),
        "clips": [clip.uuid for clip in kept],
        "filtered_clips": [clip.uuid for clip in dropped],
        "all_windows": _texts(kept, enhanced=False),
        "all_windows_enhanced_caption": _texts(kept, enhanced=True),
    }


def _texts(clips: list[Clip], *, enhanced: bool) -> dict[str, dict[str, str]]:
    """The first model's text of each window, by clip and window."""
    found: dict[str, dict[str, str]] = {}
    for clip in clips:
        for window in clip.windows:
            texts = window.enhanced_caption if enhanced else window.caption
            if texts:
                name = f"{window.start_frame}_{window.end_frame}"
                found.setdefault(clip.uuid, {})[name] = next(iter(texts.values()))
    return found
