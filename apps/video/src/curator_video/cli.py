"""The command `curator-video`: the list of its jobs."""

from curator_engine.commands.cli import leave, run_app
from curator_engine.commands.item_settings import ReportSettings
from curator_engine.commands.merge_settings import merge_job
from curator_engine.commands.settings import Job
from curator_video import __version__
from curator_video.result_settings import (
    DedupSettings,
    FilterSettings,
    SearchSettings,
    ShardSettings,
)
from curator_video.settings import ProbeSettings, ShotsSettings, SplitSettings

_RUNS = "curator_video.commands.clip_app:CLIP_APP"
"""What the engine's commands on finished runs are told of this app."""

JOBS = [
    Job(
        name="split",
        settings=SplitSettings,
        run="curator_video.commands.split:Split",
        help="Cut videos into clips at their shots; score, embed, choose and describe the clips.",
        example="curator-video split videos/ -o clips-of-videos",
        first=(
            "output",
            "clip_len",
            "motion",
            "embed",
            "resume",
        ),
    ),
    merge_job("curator-video", {"split": "curator_video.pipelines.split:SplitWorkflow"}),
    Job(
        name="dedup",
        settings=DedupSettings,
        run="curator_engine.commands.item_jobs:dedup_items",
        app=_RUNS,
        help="Find clips that are near-duplicates of another by their embeddings.",
        example="curator-video dedup clips-of-videos --apply",
    ),
    Job(
        name="filter",
        settings=FilterSettings,
        run="curator_engine.commands.item_jobs:filter_items",
        app=_RUNS,
        help="Choose clips again by their stored scores, without decoding anything.",
        example='curator-video filter clips-of-videos --where "motion_global_mean > 0.001" --apply',
    ),
    Job(
        name="search",
        settings=SearchSettings,
        run="curator_engine.commands.item_jobs:search_items",
        app=_RUNS,
        help="Find the clips that are nearest to a clip or, with a model that knows words, to a text.",
        example="curator-video search clips-of-videos clip.mp4",
    ),
    Job(
        name="shard",
        settings=ShardSettings,
        run="curator_engine.commands.item_shards:shard_items",
        app=_RUNS,
        help="Write the kept clips as tars for training, sorted by size, shape and length.",
        example="curator-video shard clips-of-videos shards",
    ),
    Job(
        name="probe",
        settings=ProbeSettings,
        run="curator_video.commands.probe:run",
        help="Say what video files hold, and what is amiss with them.",
        example="curator-video probe videos/*.mp4",
    ),
    Job(
        name="shots",
        settings=ShotsSettings,
        run="curator_video.commands.shots:run",
        help="List the shots of videos as CSV, EDL or JSON, and draw them as a strip of pictures.",
        example="curator-video shots video.mp4",
    ),
    Job(
        name="report",
        settings=ReportSettings,
        run="curator_engine.commands.item_jobs:report_items",
        app=_RUNS,
        help="Write the page of a finished run again.",
        example="curator-video report clips-of-videos",
    ),
]


def main() -> None:
    """Run the command and exit."""
    leave(run_app("curator-video", JOBS, version=__version__))
