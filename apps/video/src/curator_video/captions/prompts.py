"""What a model is told when it describes a window of a clip, or mends a description."""

from typing import Literal

from curator_engine.errors import SettingsError

type PromptVariant = Literal["default", "av", "av-surveillance"]

CAPTION_PROMPTS: dict[str, str] = {
    "default": (
        "Describe this video for somebody who cannot see it. Say who or what is in it, what they look "
        "like, what they do and in which order, where it takes place, how the light is, and how the "
        "camera moves. Keep to what can be seen: no guesses about names, thoughts, sounds or what "
        "happens before and after. Write one paragraph of plain sentences, without a list and without "
        "an introduction."
    ),
    "av": (
        "This video was recorded by a camera on a vehicle. Describe the drive: the kind of road and its "
        "lanes, weather and time of day, traffic lights, signs and markings that matter, the other road "
        "users with their place and movement relative to the vehicle, what the vehicle itself does, and "
        "anything that calls for caution. Keep to what can be seen and to the order of events. Write one "
        "paragraph of plain sentences, without a list and without an introduction."
    ),
    "av-surveillance": (
        "This video was recorded by a fixed camera that watches a road or a public place. Describe the "
        "scene: the layout of roads, lanes and crossings, weather and time of day, how dense the traffic "
        "is, and then, in order, how vehicles, cyclists and pedestrians move, where they stop or turn, "
        "and any conflict, near miss, fall or collision between them. Keep to what can be seen and "
        "describe nobody's identity. Write one paragraph of plain sentences, without a list and without "
        "an introduction."
    ),
}
"""By variant."""

ENHANCE_PROMPTS: dict[str, str] = {
    "default": (
        "The text below describes a short video. Rewrite it: clear and exact, in the order of events, "
        "without repetition, without remarks about the video, the frames or the description itself. Add "
        "nothing that it does not say. Answer with the new description alone, one paragraph."
    ),
    "av": (
        "The text below describes a drive as a camera on the vehicle saw it. Rewrite it for people who "
        "search recorded drives: first road, weather and light, then the other road users and what the "
        "vehicle does, in the order of events, last what calls for caution. Add nothing that it does not "
        "say. Answer with the new description alone, one paragraph."
    ),
    "av-surveillance": (
        "The text below describes a road or a public place as a fixed camera saw it. Rewrite it for "
        "people who search such recordings: first the place, weather and traffic, then what happens, in "
        "the order of events, with any conflict or collision named plainly. Add nothing that it does not "
        "say. Answer with the new description alone, one paragraph."
    ),
}
"""By variant."""


def caption_prompt(variant: str, text: str = "") -> str:
    """The prompt for a window: the user's own text if there is one, else the variant's.

    Raises:
        SettingsError: There is no such variant.
    """
    return _choose(CAPTION_PROMPTS, variant, text)


def enhance_prompt(variant: str, text: str = "") -> str:
    """The prompt for mending a caption; the caption is put below it.

    Raises:
        SettingsError: There is no such variant.
    """
    return _choose(ENHANCE_PROMPTS, variant, text)


def _choose(prompts: dict[str, str], variant: str, text: str) -> str:
    if variant not in prompts:
        raise SettingsError(
            f"the prompt variant {variant!r} is not known; use one of {', '.join(prompts)}."
        )
    return text.strip() or prompts[variant]
