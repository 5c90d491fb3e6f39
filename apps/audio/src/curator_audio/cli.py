"""The command `curator-audio`: the list of its jobs."""

from curator_audio import __version__
from curator_audio.result_settings import (
    DedupSettings,
    FilterSettings,
    SearchSettings,
    ShardSettings,
)
from curator_audio.settings import (
    CurateSettings,
    DiarizeSettings,
    ProbeSettings,
    TranscribeSettings,
    VadSettings,
    WerSettings,
)
from curator_engine.commands.cli import leave, run_app
from curator_engine.commands.item_settings import ReportSettings
from curator_engine.commands.merge_settings import merge_job
from curator_engine.commands.settings import Job

_RUNS = "curator_audio.commands.audio_app:AUDIO_APP"
"""What the engine's commands on finished runs are told of this app."""

JOBS = [
    Job(
        name="curate",
        settings=CurateSettings,
        run="curator_audio.commands.curate:Curate",
        help="Measure recordings, cut them into segments, drop what breaks a limit, and write what stays.",
        example="curator-audio curate recordings/ -o curated --limits usual",
        first=("output", "cut", "output_format", "limits", "resume"),
    ),
    merge_job("curator-audio", {"curate": "curator_audio.pipelines.curate:CurateWorkflow"}),
    Job(
        name="transcribe",
        settings=TranscribeSettings,
        run="curator_audio.commands.transcribe:Transcribe",
        help="Write down what is said in recordings, with the times of words, and compare it with given texts.",
        example="curator-audio transcribe recordings/ -o transcripts --model openai/whisper-small",
        first=("output", "model", "language", "speakers", "resume"),
    ),
    Job(
        name="diarize",
        settings=DiarizeSettings,
        run="curator_audio.commands.diarize:Diarize",
        help="Find out who speaks when in recordings, as RTTM, and compare it with the truth.",
        example="curator-audio diarize meetings/ -o turns --rttm truth/",
        first=("output", "max_speakers", "rttm", "resume"),
    ),
    Job(
        name="vad",
        settings=VadSettings,
        run="curator_audio.commands.vad:Vad",
        help="Find where somebody speaks in recordings, as RTTM and lists.",
        example="curator-audio vad recordings/ -o speech",
        first=("output", "vad_threshold", "max_pause", "max_segment", "resume"),
    ),
    Job(
        name="wer",
        settings=WerSettings,
        run="curator_audio.commands.wer:Wer",
        help="Compare transcripts with references, or two recognisers: error rates by text, speaker and file.",
        example="curator-audio wer manifest.jsonl -o errors",
        first=("output", "references", "hypothesis_field", "by", "resume"),
    ),
    Job(
        name="filter",
        settings=FilterSettings,
        run="curator_engine.commands.item_jobs:filter_items",
        app=_RUNS,
        help="Choose segments again by their stored scores, without measuring anything.",
        example='curator-audio filter curated --where "snr > 20 and duration_s >= 2" --apply',
    ),
    Job(
        name="dedup",
        settings=DedupSettings,
        run="curator_audio.commands.dedup:run",
        help="Find segments that hold the same sound, also cut, coded, in noise or at another speed.",
        example="curator-audio dedup curated --against evaluation/ --apply",
    ),
    Job(
        name="search",
        settings=SearchSettings,
        run="curator_audio.commands.search:run",
        help="Find a sound in the segments of a run, also cut, coded or in noise, or words in their transcripts.",
        example="curator-audio search curated jingle.mp3",
    ),
    Job(
        name="shard",
        settings=ShardSettings,
        run="curator_engine.commands.item_shards:shard_items",
        app=_RUNS,
        help="Pack the kept segments into tars for training, for webdataset.",
        example="curator-audio shard curated shards --bins duration",
    ),
    Job(
        name="probe",
        settings=ProbeSettings,
        run="curator_audio.commands.probe:run",
        help="Say what recordings, tars and lists hold, how long they truly are, and what is amiss.",
        example="curator-audio probe recordings/",
    ),
    Job(
        name="report",
        settings=ReportSettings,
        run="curator_engine.commands.item_jobs:report_items",
        app=_RUNS,
        help="Write the page of a finished run again.",
        example="curator-audio report curated",
    ),
]


def main() -> None:
    """Run the command and exit."""
    leave(run_app("curator-audio", JOBS, version=__version__))
