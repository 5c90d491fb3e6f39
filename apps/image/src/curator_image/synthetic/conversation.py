"""Conversations about pictures, videos and recordings, as records of training data have them.

As JSON: `{"conversation": [{"sender": "user", "fragments": [{"t": "image", "value": "a.jpg"}, "What is it?"]}]}`.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from curator_engine.errors import InputError

type Sender = Literal["user", "assistant", "system"]


@dataclass(kw_only=True, slots=True)
class Media:
    """Something to look at or to listen to."""


@dataclass(kw_only=True, slots=True)
class ImageMedia(Media):
    """A picture."""

    value: str
    """Its path, relative to the folder of the pictures."""


@dataclass(kw_only=True, slots=True)
class VideoMedia(Media):
    """A video, with or without sound."""

    value: str
    """Its path, relative to the folder of the videos."""
    start_time: float | None = None
    """Where the part begins that is meant, in seconds; None for the video's beginning."""
    end_time: float | None = None
    """Where it ends, in seconds; None for the video's end."""


@dataclass(kw_only=True, slots=True)
class AudioMedia(Media):
    """A recording."""

    value: str
    """Its path, relative to the folder of the recordings."""


_KINDS: dict[str, type[Media]] = {"image": ImageMedia, "video": VideoMedia, "audio": AudioMedia}
_SENDERS = ("user", "assistant", "system")


@dataclass(kw_only=True, slots=True)
class Message:
    """What one side says."""

    sender: Sender
    fragments: list[Media | str]
    """Texts and media in their order."""


@dataclass(kw_only=True, slots=True)
class ConversationSample:
    """A conversation.

    Example:
        >>> asked = Message(sender="user", fragments=[ImageMedia(value="a.jpg"), "What is it?"])
        >>> sample = ConversationSample(conversation=[asked])
        >>> ConversationSample.from_dict(sample.to_dict()) == sample
        True
    """

    conversation: list[Message]

    def to_dict(self) -> dict[str, Any]:
        """The conversation for JSON; a medium has its kind as `t`."""
        messages = [
            {"sender": each.sender, "fragments": [_as_json(part) for part in each.fragments]}
            for each in self.conversation
        ]
        return {"conversation": messages}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The conversation of what `to_dict` gave; an empty one if there is none.

        Raises:
            InputError: It has another form.
        """
        messages = (data or {}).get("conversation") or []
        if not isinstance(messages, list):
            raise InputError("a conversation is a list of messages.")
        return cls(conversation=[_message(each) for each in messages])


def _as_json(fragment: Media | str) -> str | dict[str, Any]:
    if isinstance(fragment, str):
        return fragment
    kind = next(name for name, each in _KINDS.items() if type(fragment) is each)
    return {"t": kind, **asdict(fragment)}


def _message(given: Any) -> Message:
    fragments = given.get("fragments", []) if isinstance(given, dict) else None
    if not isinstance(fragments, list) or given.get("sender") not in _SENDERS:
        raise InputError(
            "a message has a sender (user, assistant or system) and a list of fragments."
        )
    return Message(sender=given["sender"], fragments=[_fragment(each) for each in fragments])


def _fragment(given: Any) -> Media | str:
    if isinstance(given, str):
        return given
    if not isinstance(given, dict) or (kind := given.get("t") or given.get("type")) not in _KINDS:
        raise InputError(f"a fragment is a text, or a medium with t as one of {', '.join(_KINDS)}.")
    about = {name: value for name, value in given.items() if name not in ("t", "type")}
    try:
        return _KINDS[kind](**about)
    except TypeError as error:
        raise InputError(
            f"a medium of kind {kind} has other fields than {', '.join(about)}."
        ) from error
