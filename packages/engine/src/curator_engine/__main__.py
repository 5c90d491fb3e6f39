"""`python -m curator_engine doctor`: is this machine ready to run pipelines?"""

import argparse
import json
import sys
from dataclasses import asdict

from curator_engine.commands.doctor import examine, exit_code, render


def main() -> int:
    """Print the findings; 1 if any is a problem."""
    parser = argparse.ArgumentParser(prog="python -m curator_engine")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    doctor = commands.add_parser("doctor", help="Say what this machine has and lacks.")
    doctor.add_argument("--json", action="store_true", help="Print one JSON object.")
    as_json = bool(parser.parse_args().json)
    findings = examine()
    code = exit_code(findings)
    if as_json:
        found = {"exit_code": code, "findings": [asdict(each) for each in findings]}
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        sys.stdout.write(render(findings))
    return code


if __name__ == "__main__":
    sys.exit(main())
