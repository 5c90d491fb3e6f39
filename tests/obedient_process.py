"""A process that does what it is told, for tests of those that are watched."""

import os
import sys
import time

from curator_text.read.served_process import serve


def _obey(facts, data):
    time.sleep(facts.get("wait", 0))
    if "die" in facts:
        os._exit(facts["die"])
    if "kill" in facts:
        os.kill(os.getpid(), facts["kill"])
    if "print" in facts:
        sys.stdout.write(facts["print"])
        sys.stdout.flush()
    return facts, data


if __name__ == "__main__":
    serve(lambda given: _obey)
