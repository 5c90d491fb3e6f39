"""Read every picture of some files once: its measures, its fingerprint, and what is said of it."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator_engine.redaction import redacted
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of, name_of
from curator_engine.task import FileGroupTask
from curator_image.duplicates.fingerprint import fingerprint
from curator_image.images.image_table import ImageItem
from curator_image.images.kept import SPAN_SHIFT
from curator_image.read.images import StoredImage, read_images
from curator_image.read.picture import MAX_PIXELS, PictureError, open_picture
from curator_image.scores.measure import measure
from curator_image.task import ImageBatch, ImageObject

READ = "read"
"""What drops a picture that cannot be read."""
PASSED_OVER = "passed_over"
"""Metadata of the last batch of a task: how often what its files hold beside pictures was passed over, by reason."""
_BATCH = 64


@dataclass(kw_only=True)
class MeasureImages(ProcessingStage[FileGroupTask, ImageBatch]):
    """Decode each picture once and measure it; the bytes are let go.

    A picture that cannot be decoded goes to quarantine with the reason, and has a row too. What
    `metadata` of an image holds: `item` with its row, and `fingerprint`.
    """

    with_pixels: bool = False
    """Whether stages that follow look at the pixels."""
    with_fingerprints: bool = True
    max_pixels: int = MAX_PIXELS
    """Of a picture that is decoded."""

    def process(self, task: FileGroupTask) -> Iterator[ImageBatch]:
        """The pictures of a task, some at a time."""
        batch: list[ImageObject] = []
        count, tally = 0, Counter[str]()
        for file in files_of(task):
            for image in self._images(file, tally):
                batch.append(image)
                # The engine counts what is rejected by itself.
                count += not image.metadata["item"].drop_stage
                if len(batch) == _BATCH:
                    yield ImageBatch(data=batch, dataset_name=task.dataset_name)
                    batch = []
        self.count_rows(count)
        if batch or tally:
            passed = {PASSED_OVER: dict(tally)} if tally else {}
            yield ImageBatch(data=batch, dataset_name=task.dataset_name, _metadata=passed)

    def _images(self, file: FileGroupTask, tally: Counter[str]) -> Iterator[ImageObject]:
        path, name = file.data[0], name_of(file)
        for position, stored in enumerate(read_images(path, span=file.span, tally=tally)):
            where = stored.place
            if where.startswith(path):
                stored.place = name + where[len(path) :]
            image = self._image(
                stored, where, name, (file.span or (0, 0))[0] << SPAN_SHIFT | position
            )
            image.metadata["item"].about["stamp"] = file.stamp
            yield image

    def _image(self, stored: StoredImage, where: str, name: str, position: int) -> ImageObject:
        item = ImageItem(uuid=stored.image_id, about=_about(stored, name, position))
        image = ImageObject(image_path=stored.place, image_id=item.uuid, metadata={"item": item})
        try:
            if stored.problem:
                raise PictureError(stored.problem)
            picture = open_picture(stored.data, max_pixels=self.max_pixels)
        except PictureError as error:
            self._lost(item, where, str(error), rest=where == stored.path and bool(stored.problem))
            return image
        item.about |= {
            "format": picture.format,
            "mode": picture.mode,
            "orientation": picture.orientation,
            "frames": picture.frames,
        }
        item.scores = measure(picture)
        if self.with_fingerprints:
            image.metadata["fingerprint"] = fingerprint(
                picture, uuid=item.uuid, sha256=bytes.fromhex(stored.sha256)
            )
        if self.with_pixels:
            image.image_data = picture.rgb
        return image

    def _lost(self, item: ImageItem, where: str, reason: str, *, rest: bool) -> None:
        reason = redacted(reason)
        item.drop(READ, reason)
        item.errors[READ] = reason
        self.reject(Rejection(file=where, reason=reason, rest=rest))


def _about(stored: StoredImage, name: str, position: int) -> dict[str, Any]:
    fields = json.dumps(stored.fields, ensure_ascii=False, default=str) if stored.fields else None
    return {
        "source": name,
        "file": stored.path,
        "member": stored.member,
        "place": stored.place,
        "position": position,
        "sha256": stored.sha256 if stored.data else None,
        "num_bytes": len(stored.data),
        "caption": stored.caption or None,
        "fields": fields,
    }
