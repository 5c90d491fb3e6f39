"""imagededup's hashes of the pictures in a folder, as JSON: a list per hash, in the order of the files' names."""

import json
from pathlib import Path

from common import arguments
from imagededup.methods import AHash, DHash, PHash, WHash

source, out = arguments()
files = sorted(Path(source).iterdir())
hashes = {
    kind.__name__: [kind(verbose=False).encode_image(image_file=str(each)) for each in files]
    for kind in (PHash, DHash, AHash, WHash)
}
Path(out).write_text(json.dumps(hashes), encoding="utf-8")
