"""Take documents out of an index: their ids and what they are found by, so that nothing is like them any more.

Files of a part never change. A part that has such a document is written anew without it under
another name, and `index.json`, written last, names the new one.
"""

from collections.abc import Mapping
from dataclasses import replace

from curator_engine.files.paths import join
from curator_engine.task import short_hash
from curator_text.dedup.index import (
    BLOCKS_FILE,
    Index,
    Part,
    PartFiles,
    load_index,
    part_bytes,
    remove_leftovers,
    save_blocks,
    save_index,
)
from curator_text.removal.corpus import load_corpus
from curator_text.removal.forget_documents import Forgetting


def forget_in_index(path: str, forgetting: Forgetting, files: Mapping[str, PartFiles]) -> None:
    """Take documents out of all parts of an index, whichever run has added them.

    Args:
        path: Its folder, which the caller has taken.
        forgetting: What goes; gets the count as `index`.
        files: What is in a part, by the job that makes such indexes.

    Raises:
        InputError: There is no index.
    """
    index = load_index(path)
    form = files[index.signing.job]
    parts = tuple(_without(index, part, forgetting, form) for part in index.parts)
    if parts == index.parts or forgetting.dry_run:
        return
    changed = replace(index, parts=parts)
    save_index(changed)
    remove_leftovers(changed, keep="")


def _without(index: Index, part: Part, forgetting: Forgetting, files: PartFiles) -> Part:
    """The part without the documents; the same part if it has none of them."""
    folder = index.folder(part.name)
    blocks = load_corpus(join(folder, BLOCKS_FILE)).blocks
    masks = [~forgetting.among(files.ids(join(folder, block.task_id))) for block in blocks]
    gone = sum(len(mask) - int(mask.sum()) for mask in masks)
    forgetting.counts["index"] += gone
    if not gone or forgetting.dry_run:
        return part
    number = part.name.partition("-")[0]
    name = f"{number}-{short_hash(part.name, str(gone), *(m.tobytes().hex() for m in masks))[:12]}"
    target = index.folder(name)
    kept = [
        files.without(join(folder, block.task_id), join(target, block.task_id), block, mask)
        for block, mask in zip(blocks, masks, strict=True)
        if mask.any()
    ]
    save_blocks(target, kept)
    documents = part.documents - gone
    size = part_bytes(target, kept, files.endings)
    return replace(part, name=name, documents=documents, bytes=size)
