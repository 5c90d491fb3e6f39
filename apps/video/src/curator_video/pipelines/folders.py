"""The folders that the commands take: which names earlier versions wrote, which kept no manifest."""

import json
from functools import partial

from curator_engine.files.earlier import Earlier, earlier_run, matching
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes

_OUTPUT = (
    r"(clips|filtered_clips)/[0-9a-f-]{36}\.\w+",
    r"metas/v0/[0-9a-f-]{36}\.json",
    r"previews/[0-9a-f-]{36}/[^/]+\.webp",
    r"[\w.-]+_embd_parquet/[0-9a-f-]{36}\.parquet",
    r"(processed_videos|processed_clip_chunks)/.+\.json",
    r"quarantine/(\w+/)?(rows|tasks)/[^/]+\.jsonl?",
    r"(clips|duplicates)\.parquet|(summary|dedup)\.json|events\.jsonl|report\.html",
    r"\.cache/(checkpoint|parts|scratch)/.*",
)

_SHARDS = (r"v\d+/.+\.tar", r"(run|summary)\.json")

earlier_output = partial(earlier_run, wrote=_OUTPUT)
"""The output folder of a split by a version without manifests."""


def earlier_shards(folder: str) -> Earlier | None:
    """The folder of shards of a version without manifests."""
    file = join(folder, "run.json")
    try:
        if not exists(file) or json.loads(read_bytes(file)).get("job") != "shard":
            return None
    except (ValueError, AttributeError):
        return None
    return Earlier(job="shard", version="0.1.0", names=matching(folder, _SHARDS))
