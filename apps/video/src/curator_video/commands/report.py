"""The command `curator-video report`: write the page of a finished run again."""

from curator_engine.commands.cli import Console, JobResult
from curator_engine.files.paths import join
from curator_engine.report.html_page import PAGE
from curator_engine.running.run_record import read_record
from curator_video.pipelines.folders import change_run
from curator_video.report.page import write_report
from curator_video.report.summary import refresh_summary
from curator_video.result_settings import ReportSettings


def run(settings: ReportSettings, console: Console) -> JobResult:
    """Write `summary.json` and `report.html` from what is in the folder.

    Raises:
        CuratorError: Not the folder of a finished run, or it cannot be written.
    """
    output = settings.inputs[0]
    record = read_record(output)
    with change_run(output):
        refresh_summary(output, record)
        write_report(output)
    page = join(output, PAGE)
    return JobResult(summary={"report": page}, lines=[f"wrote {page}"])
