from curator_image.images.image_table import IMAGES, ImageItem, image_rows
from curator_image.scores.measure import SCORES


def test_every_table_has_all_measures():
    assert set(SCORES) <= set(image_rows([]).column_names)


def test_a_dropped_picture_has_a_row_like_the_others():
    item = ImageItem(uuid="a", scores={"width": 3.0}, about={"source": "a.png", "position": 0})
    item.drop("read", "it is empty")
    row = image_rows([item]).to_pylist()[0]
    assert (row["keep"], row["drop_reason"], row["width"], row["kept_id"]) == (
        False,
        "it is empty",
        3.0,
        None,
    )


def test_rows_are_in_the_order_of_the_input():
    items = [
        ImageItem(uuid=f"{source}{at}", about={"source": source, "position": at})
        for source, at in (("b", 0), ("a", 10), ("a", 2))
    ]
    assert IMAGES.sorted([image_rows(items)]).column("uuid").to_pylist() == ["a2", "a10", "b0"]
