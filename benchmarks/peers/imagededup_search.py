"""What imagededup's PHash costs on the pictures that a file lists: CPU seconds to hash and to search, as JSON."""

import json
import time
from pathlib import Path

from common import arguments
from imagededup.methods import PHash

source, out = arguments()
method = PHash(verbose=False)
start = time.process_time()
hashes = {
    path: method.encode_image(image_file=path)
    for path in Path(source).read_text(encoding="utf-8").splitlines()
}
hashed = time.process_time()
found = method.find_duplicates(encoding_map=hashes, max_distance_threshold=10, num_dist_workers=0)
searched = time.process_time()
copies = sum(bool(each) for each in found.values())
seconds = {"hash": hashed - start, "search": searched - hashed, "copies": copies}
Path(out).write_text(json.dumps(seconds), encoding="utf-8")
