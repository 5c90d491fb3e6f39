import numpy as np
import pytest

from curator_engine.errors import ResourceError
from curator_engine.items.item import Item
from curator_image.scores.batch_scores import look_for, need, set_error, set_score, some_at_a_time
from curator_image.task import ImageBatch, ImageObject

PIXELS = np.zeros((2, 2, 3), np.uint8)


def test_scores_of_a_run_are_columns_and_others_metadata():
    of_run = ImageObject(metadata={"item": Item(uuid="a")})
    alone = ImageObject()
    for image in (of_run, alone):
        set_score(image, "codes", 2.0)
        set_error(image, "codes", "broken")
    item = of_run.metadata["item"]
    assert (item.scores, item.errors) == ({"codes": 2.0}, {"codes": "broken"})
    assert alone.metadata == {"codes": 2.0, "codes_error": "broken"}


def test_pictures_come_some_at_a_time_without_those_that_are_dropped():
    images = [ImageObject(image_id=str(i), image_data=PIXELS) for i in range(5)]
    images[1].metadata["item"] = Item(uuid="1", drop_reason="damaged")
    images[3].image_data = None
    parts = [[image.image_id for image, _ in p] for p in some_at_a_time(ImageBatch(data=images), 2)]
    assert parts == [["0", "2"], ["4"]]


@pytest.mark.parametrize("look", [look_for, need])
def test_a_missing_package_is_named_with_its_extra(look):
    with pytest.raises(ResourceError, match=r"--codes needs the extra 'codes' .*no_such_package"):
        look("no_such_package", option="--codes", extra="codes")
