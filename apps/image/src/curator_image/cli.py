"""The command `curator-image`: the list of its jobs."""

from curator_engine.commands.cli import leave, run_app
from curator_engine.commands.item_settings import ReportSettings
from curator_engine.commands.merge_settings import merge_job
from curator_engine.commands.settings import Job
from curator_image import __version__
from curator_image.result_settings import (
    DedupSettings,
    FilterSettings,
    SearchSettings,
    ShardSettings,
)
from curator_image.settings import CurateSettings, DownloadSettings, ForgetSettings, ProbeSettings

_RUNS = "curator_image.commands.image_app:IMAGE_APP"
"""What the engine's commands on finished runs are told of this app."""

JOBS = [
    Job(
        name="download",
        settings=DownloadSettings,
        run="curator_image.commands.download:Download",
        help="Download the pictures that lists of addresses name, with their captions.",
        example="curator-image download urls.csv -o pictures",
        first=("output", "output_format", "per_host", "max_size", "resume"),
    ),
    Job(
        name="curate",
        settings=CurateSettings,
        run="curator_image.commands.curate:Curate",
        help="Score pictures, drop copies and what breaks a limit, and write what stays byte for byte.",
        example="curator-image curate photos/ -o curated",
        first=("output", "keep", "threshold", "against", "output_format", "limits", "resume"),
    ),
    merge_job("curator-image", {"curate": "curator_image.pipelines.curate:CurateWorkflow"}),
    Job(
        name="dedup",
        settings=DedupSettings,
        run="curator_image.commands.dedup:run",
        help="Find copies again by the stored fingerprints, with other limits, without decoding anything.",
        example="curator-image dedup curated --threshold 0.8 --apply",
    ),
    Job(
        name="filter",
        settings=FilterSettings,
        run="curator_engine.commands.item_jobs:filter_items",
        app=_RUNS,
        help="Choose pictures again by their stored scores, without decoding anything.",
        example='curator-image filter curated --where "sharpness > 20 and width >= 512" --apply',
    ),
    Job(
        name="search",
        settings=SearchSettings,
        run="curator_engine.commands.item_jobs:search_items",
        app=_RUNS,
        help="Find the pictures that are nearest to a picture or a text, by the embeddings of --embed.",
        example='curator-image search curated "a red boat"',
    ),
    Job(
        name="shard",
        settings=ShardSettings,
        run="curator_engine.commands.item_shards:shard_items",
        app=_RUNS,
        help="Write the kept pictures and their captions as tars for training, sorted by size and shape.",
        example="curator-image shard curated shards",
    ),
    Job(
        name="forget",
        settings=ForgetSettings,
        run="curator_image.commands.forget:run",
        help="Take pictures out of an index, so that nothing is a copy of them any more.",
        example="curator-image forget photo.jpg seen",
    ),
    Job(
        name="probe",
        settings=ProbeSettings,
        run="curator_image.commands.probe:run",
        help="Say what pictures, tars and tables of pictures hold, and what is amiss with them.",
        example="curator-image probe photos/",
    ),
    Job(
        name="report",
        settings=ReportSettings,
        run="curator_engine.commands.item_jobs:report_items",
        app=_RUNS,
        help="Write the page of a finished run again.",
        example="curator-image report curated",
    ),
]


def main() -> None:
    """Run the command and exit."""
    leave(run_app("curator-image", JOBS, version=__version__))
