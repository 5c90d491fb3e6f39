from curator_image.task import ImageBatch, ImageObject, ImageSampleTask, ImageTaskData


def test_a_batch_counts_its_pictures():
    assert ImageBatch(data=[ImageObject(), ImageObject()]).num_items == 2


def test_a_sample_is_one_picture():
    assert ImageSampleTask(data=ImageTaskData(image_path="a.jpg")).num_items == 1
