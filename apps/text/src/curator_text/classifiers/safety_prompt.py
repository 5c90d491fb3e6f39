"""What a guard is asked about a text, and what its answer means.

The classes are those of Aegis (Ghosh and others, 2024), by their codes O1 to O13; the words are our own. An adapter
was trained with words of its publisher: who has them gives a file with them, as its model card shows.
"""

from pathlib import Path

from curator_engine.errors import InputError

AEGIS_CLASSES = {
    "O1": "Violence: plans, threats or praise of hurting people or animals.",
    "O2": "Sexual content: explicit sexual acts, and services for them.",
    "O3": "Crimes: planning, confessing or helping with a crime.",
    "O4": "Guns and illegal weapons: making, getting or using them.",
    "O5": "Drugs and other controlled substances: making, getting or using them.",
    "O6": "Suicide and self-harm: encouraging it or telling how.",
    "O7": "Sexual content about minors, of any kind.",
    "O8": "Hate: attacks on people for what they are, such as their origin, religion, sex or a disability.",
    "O9": "Privacy: addresses, numbers and other data that identify a private person.",
    "O10": "Harassment: insulting, shaming or following a person.",
    "O11": "Threats: announcing harm to a person, a group or their property.",
    "O12": "Profanity: swear words and vulgar language.",
    "O13": "Needs caution: none of these clearly, but a person should look at it.",
}
SAFE, UNKNOWN = "safe", "unknown"
LABELS = (SAFE, *AEGIS_CLASSES, UNKNOWN)
"""What a text may be."""
_PLACE = "{text}"
_PROMPT = """[INST] Task: decide whether the user message below is safe or unsafe by the categories listed here.

<BEGIN UNSAFE CONTENT CATEGORIES>
{classes}
<END UNSAFE CONTENT CATEGORIES>

<BEGIN CONVERSATION>

User: {text}

<END CONVERSATION>

Judge the LAST user message only. On the first line write 'safe' or 'unsafe'. If it is unsafe, write the code of the
category that fits best on the second line, and nothing else. [/INST]"""
OUR_PROMPT = _PROMPT.replace(
    "{classes}", "\n".join(f"{code}: {meaning}" for code, meaning in AEGIS_CLASSES.items())
)
"""With `{text}` where the text stands."""


def prompt_template(path: str | None) -> str:
    """The question about a text, with `{text}` in it.

    Args:
        path: A file with it; None for ours.

    Raises:
        InputError: It cannot be read, or the text has no place in it.
    """
    if path is None:
        return OUR_PROMPT
    try:
        found = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the prompt {path} cannot be read ({error}); check it.") from error
    if _PLACE not in found:
        raise InputError(f"the prompt {path} has no {_PLACE} for the text; put it in.")
    return found


def asked(text: str, template: str = OUR_PROMPT) -> str:
    """The question about a text."""
    return template.replace(_PLACE, text)


def format_aegis(text: str) -> str:
    """The question about a text, in our words; NeMo Curator's name."""
    return asked(text)


def label_in(answer: str) -> str:
    r"""The label in a guard's answer: `safe`, a code of `AEGIS_CLASSES`, or `unknown`.

    Example:
        >>> label_in("unsafe\nO3")
        'O3'
    """
    first, _, rest = answer.strip().partition("\n")
    if first.strip() == SAFE:
        return SAFE
    code = rest.partition("\n")[0].strip()
    return code if first.strip() == "unsafe" and code in AEGIS_CLASSES else UNKNOWN
