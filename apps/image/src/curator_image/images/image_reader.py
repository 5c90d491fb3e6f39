"""NeMo Curator's stage that reads the pictures of tars into memory, on the CPU: any format, with keys and captions."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of
from curator_engine.task import FileGroupTask
from curator_image.read.images import StoredImage, read_images
from curator_image.read.picture import MAX_PIXELS, PictureError, open_picture
from curator_image.task import ImageBatch, ImageObject


@positional("dali_batch_size", "verbose", "num_threads", "num_gpus_per_worker")
@dataclass(kw_only=True)
class ImageReaderStage(ProcessingStage[FileGroupTask, ImageBatch]):
    """Read and decode the pictures of tars, tables, lists and files; upright, in sRGB, at their own size.

    The metadata of a picture has its key, caption and facts. What cannot be decoded goes to quarantine.
    """

    dali_batch_size: int = 100
    """Pictures in a batch, which are in memory together."""
    verbose: bool = True
    """Whether the report says how many pictures a task had."""
    num_threads: int = 8
    """Without effect: a picture is decoded by the worker itself."""
    num_gpus_per_worker: float = 0.25
    """Without effect: pictures are decoded on the CPU."""
    name: str = "image_reader"

    def process(self, task: FileGroupTask) -> Iterator[ImageBatch]:
        """The pictures, `dali_batch_size` at a time."""
        batch: list[ImageObject] = []
        tally, count = Counter[str](), 0
        for file in files_of(task):
            for stored in read_images(file.data[0], span=file.span, tally=tally):
                if image := self._image(stored):
                    # The engine counts what is rejected by itself.
                    count += 1
                    batch.append(image)
                if len(batch) == self.dali_batch_size:
                    yield ImageBatch(data=batch, dataset_name=task.dataset_name)
                    batch = []
        self.count_rows(count)
        if self.verbose:
            self.log_metric("images_read", count)
        for reason, passed in tally.items():
            self.log_metric(f"passed_over:{reason}", passed)
        if batch:
            yield ImageBatch(data=batch, dataset_name=task.dataset_name)

    def _image(self, stored: StoredImage) -> ImageObject | None:
        problem = stored.problem
        if not problem:
            try:
                picture = open_picture(stored.data, side=MAX_PIXELS)
            except PictureError as error:
                problem = str(error)
            else:
                about: dict[str, Any] = {"key": stored.key, "caption": stored.caption}
                return ImageObject(
                    image_path=stored.place,
                    image_id=stored.image_id,
                    metadata={**stored.fields, **about},
                    image_data=picture.rgb,
                )
        rest = stored.place == stored.path and not stored.data
        self.reject(Rejection(file=stored.place, reason=problem, rest=rest))
        return None
