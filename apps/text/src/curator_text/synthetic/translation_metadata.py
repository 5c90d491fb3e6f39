"""What is said of a translation as JSON, and chats with translated messages; NeMo Curator's names and keys."""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from curator_text.synthetic.field_paths import parse_structured_value, set_nested_fields

SEPARATOR = "\n---\n"
"""Between the messages of a chat in one text."""


def build_translation_metadata(
    target_lang: str,
    translated_text: str | None = None,
    translation_map: Mapping[str, Any] | None = None,
    segmented_translation_map: Mapping[str, Any] | None = None,
) -> str:
    """JSON with `target_lang`, `translation` and `segmented_translation`.

    Args:
        target_lang: Name or code of the language.
        translated_text: The translation, where there is no map.
        translation_map: Translations by field.
        segmented_translation_map: By field, pairs of a segment and its translation.
    """
    content = {"content": translated_text or ""} if translation_map is None else translation_map
    segments = [] if segmented_translation_map is None else segmented_translation_map
    found = {
        "target_lang": target_lang,
        "translation": content,
        "segmented_translation": segments,
    }
    return json.dumps(found, ensure_ascii=False)


def merge_faith_scores_into_metadata(metadata_json: str, faith_scores: Mapping[str, Any]) -> str:
    """That JSON with scores as `faith_scores`; JSON that cannot be read counts as empty."""
    known = parse_structured_value(metadata_json)
    rest: dict[str, Any] = known if isinstance(known, dict) else {}
    return json.dumps({**rest, "faith_scores": faith_scores}, ensure_ascii=False)


def reconstruct_messages_with_translation(
    original_messages: Sequence[Mapping[str, Any]],
    translated_text: Any,
    field_path: str = "content",
) -> list[dict[str, Any]]:
    """The messages of a chat with translated texts; the given ones stay as they are.

    Args:
        original_messages: Each a dict.
        translated_text: Translated messages, as a list or as JSON; or a text, whose parts between lines of `---`
            go to the messages in their order. Messages without a part keep their text.
        field_path: Where the text of a message is.
    """
    whole = parse_structured_value(translated_text)
    if isinstance(whole, list) and all(isinstance(each, dict) for each in whole):
        return copy.deepcopy(whole) if original_messages else []
    parts: list[str] = str(translated_text or "").split(SEPARATOR)
    made = [copy.deepcopy(dict(each)) for each in original_messages]
    for place, part in enumerate(parts[: len(made)]):
        made[place] = set_nested_fields(made[place], field_path, [part])
    return made
