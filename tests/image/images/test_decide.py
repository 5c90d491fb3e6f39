import pyarrow as pa
from image.scenes import encoded, scene
from PIL import ImageOps

from curator_engine.items.limit import Limit
from curator_image.copy_options import CopyOptions
from curator_image.duplicates.fingerprint import FINGERPRINTS, fingerprint
from curator_image.images.decide import by_languages, by_limits, pairs_of, without_copies
from curator_image.images.image_table import IMAGES, ImageItem, image_rows
from curator_image.read.picture import open_picture

WIDE = Limit(group="size", score="width", value=300, least=True)


def made(pictures):
    """Rows and fingerprints of pictures by their names."""
    items, prints = [], []
    for position, (name, image) in enumerate(pictures.items()):
        data = encoded(image)
        picture = open_picture(data)
        about = {"source": name, "place": name, "position": position, "num_bytes": len(data)}
        scores = {"width": float(picture.width), "height": float(picture.height)}
        items.append(ImageItem(uuid=name, about=about, scores=scores))
        prints.append(fingerprint(picture, data, name))
    return image_rows(items), pa.Table.from_pylist(prints, schema=FINGERPRINTS)


def marks(table):
    return {row["uuid"]: row["drop_stage"] for row in table.to_pylist()}


def test_a_limit_drops_with_its_reason():
    table, _ = made({"a": scene(1), "b": scene(2, (200, 150))})
    row = by_limits(table, [WIDE]).to_pylist()[1]
    assert (row["keep"], row["drop_stage"], row["drop_reason"]) == (
        False,
        "size",
        "width 200 < 300",
    )


def test_no_limit_changes_nothing():
    table, _ = made({"a": scene(1)})
    assert by_limits(table, []) is table


def test_a_copy_of_a_dropped_picture_stays():
    table, prints = made({"a": scene(1, (280, 210)), "b": scene(1, (280, 210)).resize((400, 300))})
    table = by_limits(table, [Limit(group="size", score="width", value=300, least=False)])
    assert marks(without_copies(table, prints, CopyOptions())) == {"a": "", "b": "size"}


def test_pairs_name_the_picture_that_stays():
    table, prints = made({"a": scene(1), "b": ImageOps.mirror(scene(1)), "c": scene(2)})
    pairs = pairs_of(without_copies(table, prints, CopyOptions(keep="first"))).to_pylist()
    assert [(row["id"], row["kept_id"], row["group"]) for row in pairs] == [("b", "a", 0)]


def test_another_call_takes_copies_back_first():
    table, prints = made({"a": scene(1), "b": ImageOps.mirror(scene(1))})
    table = without_copies(table, prints, CopyOptions(keep="first"))
    again = without_copies(table, prints, CopyOptions(near="off"))
    assert marks(again) == {"a": "", "b": ""}
    assert again.to_pylist()[1]["kept_id"] is None


def test_what_is_in_an_evaluation_set_is_no_leader():
    table, prints = made({"a": scene(1), "b": scene(1), "c": scene(2)})
    _, against = made({"e": scene(1).resize((160, 120))})
    assert marks(without_copies(table, prints, CopyOptions(), against=against)) == {
        "a": "leak",
        "b": "leak",
        "c": "",
    }


def test_the_types_of_the_columns_stay():
    table, prints = made({"a": scene(1), "b": scene(1)})
    assert without_copies(table, prints, CopyOptions()).schema == IMAGES.schema(
        IMAGES.score_names(table)
    )


def test_captions_in_other_languages_go():
    captions = {"a": "eng", "b": "fra", "c": None, "d": "zho_Hans", "e": "und"}
    items = [ImageItem(uuid=k, about={"caption_language": v}) for k, v in captions.items()]
    table = by_languages(image_rows(items), ["eng", "zho"])
    assert marks(table) == {"a": "", "b": "language", "c": "", "d": "", "e": "language"}
    assert table.column("drop_reason").to_pylist()[1] == "caption_language is fra"
