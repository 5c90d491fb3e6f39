"""Write docs/cli.md from the settings of every job, or check that it is up to date.

python docs/generate_cli.py [--check]
"""

import sys
from pathlib import Path

from curator_engine.commands.help_pages import cli_reference
from curator_text.cli import JOBS as TEXT_JOBS
from curator_video.cli import JOBS as VIDEO_JOBS

PAGE = Path(__file__).parent / "cli.md"
HEAD = "<!-- Written by `make docs` from the settings; edit those. -->\n\n"


def main() -> int:
    """Write or compare; 1 if the page is out of date."""
    pages = {"curator-text": TEXT_JOBS, "curator-video": VIDEO_JOBS}
    text = HEAD + "\n".join(cli_reference(name, jobs) for name, jobs in pages.items())
    if "--check" not in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/cli.md is out of date; run make docs.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
