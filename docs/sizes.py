"""Print the size of the code: lines per package, the longest files, suppressions. Fails above the budget."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "packages/engine/src",
    "apps/text/src",
    "apps/video/src",
    "apps/image/src",
    "apps/audio/src",
    "tests",
    "benchmarks",
    "examples",
)
MAX_NOQA = 10


def main() -> int:
    """Print the tables; 1 if there are more `noqa` than the budget allows."""
    longest: list[tuple[int, str]] = []
    noqa = ignores = 0
    for package in PACKAGES:
        total = files = 0
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            count = text.count("\n")
            total, files = total + count, files + 1
            longest.append((count, str(path.relative_to(ROOT))))
            if "/src" in package:
                noqa += len(re.findall(r"# noqa", text))
                ignores += len(re.findall(r"# (type|pyright): ignore", text))
        print(f"{total:7,} lines {files:4} files  {package}")
    for count, name in sorted(longest, reverse=True)[:5]:
        print(f"{count:7,} {name}")
    print(f"{noqa} noqa (budget {MAX_NOQA}) and {ignores} type ignores in the packages")
    return int(noqa > MAX_NOQA)


if __name__ == "__main__":
    sys.exit(main())
