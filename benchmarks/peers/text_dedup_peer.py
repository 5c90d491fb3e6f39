"""text-dedup's own command on word 5-grams, 260 permutations, with two workers and its check of what it found.

Its output is a folder of Arrow files; its cache and configuration lie in `work` beside them.
"""

import json
import os
import sys
from pathlib import Path

from common import arguments

CONFIG = """
[input]
input_type = "local_files"
file_type = "json"

[input.read_arguments]
path = "json"
data_files = {files}
split = "train"

[algorithm]
algorithm_name = "minhash"
text_column = "text"
num_perm = 260
ngram_size = 5
threshold = 0.8
check_false_positive = true
num_proc = 2

[output]
output_dir = {out}

[debug]
"""

source, out = arguments()
work = Path(out).resolve() / "work"
work.mkdir(parents=True)
files = json.dumps([str(path.resolve()) for path in sorted(Path(source).iterdir())])
config = CONFIG.format(files=files, out=json.dumps(str(work.parent)))
(work / "config.toml").write_text(config, encoding="utf-8")
# It reads config.toml where it stands. A cache of its own: what an earlier run left would be used again.
os.chdir(work)
settings = {"HF_HOME": str(work / "cache"), "HF_HUB_OFFLINE": "1"}
os.execve(sys.executable, [sys.executable, "-m", "text_dedup.minhash"], {**os.environ, **settings})
