"""Write docs/cli.md from the settings of every job, and the scores of docs/outputs.md; or check both.

python docs/generate_cli.py [--check]
"""

import re
import sys
from pathlib import Path

from curator_audio.cli import JOBS as AUDIO_JOBS
from curator_engine.commands.help_pages import cli_reference
from curator_image.cli import JOBS as IMAGE_JOBS
from curator_text.cli import JOBS as TEXT_JOBS
from curator_video.cli import JOBS as VIDEO_JOBS
from curator_video.score_table import SCORES

CLI, OUTPUTS = (Path(__file__).parent / name for name in ("cli.md", "outputs.md"))
HEAD = "<!-- Written by `make docs` from the settings; edit those. -->\n\n"


def main() -> int:
    """Write or compare; 1 if a page is out of date."""
    stale = 0
    for page, text in ((CLI, cli_page()), (OUTPUTS, outputs_page())):
        if "--check" not in sys.argv:
            page.write_text(text, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != text:
            print(f"docs/{page.name} is out of date; run make docs.", file=sys.stderr)
            stale = 1
    return stale


def cli_page() -> str:
    """All of docs/cli.md."""
    pages = {
        "curator-text": TEXT_JOBS,
        "curator-video": VIDEO_JOBS,
        "curator-image": IMAGE_JOBS,
        "curator-audio": AUDIO_JOBS,
    }
    return HEAD + "\n".join(cli_reference(name, jobs) for name, jobs in pages.items())


def outputs_page() -> str:
    """docs/outputs.md with a row per score of clips."""
    scores = [score for group in SCORES.values() for score in group]
    others = sorted((s for s in scores if not s.always), key=lambda score: score.column)
    rows = [
        f"| `{s.column}` | double | {s.meaning.rstrip('.')}; {s.unit} |\n"
        for s in (*(s for s in scores if s.always), *others)
    ]
    first, after = f"| `{scores[0].column}`", "| `shot_score`"
    text = OUTPUTS.read_text(encoding="utf-8")
    return re.sub(
        f"^{re.escape(first)}.*?(?=^{re.escape(after)})",
        lambda _: "".join(rows),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )


if __name__ == "__main__":
    sys.exit(main())
