"""Read a YAML file that a person wrote, without trusting it: no tags, no aliases, a limit on its size."""

from pathlib import Path

import yaml

from curator_engine.errors import SettingsError

_MAX_YAML_BYTES = 1 << 20
_MAX_DEPTH = 50
_OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


def read_mapping(path: str) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    """The keys and values at the top of a YAML file, with their places in it.

    Args:
        path: A local file.

    Raises:
        SettingsError: It cannot be read, is too large, is not YAML, uses aliases, or is no mapping.
    """
    try:
        if Path(path).stat().st_size > _MAX_YAML_BYTES:
            raise SettingsError(
                f"{path} is larger than {_MAX_YAML_BYTES} bytes; it is no settings file."
            )
        text = Path(path).read_text(encoding="utf-8")
        _check_tokens(path, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not valid UTF-8.") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{path}:{line} is not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"{path} is not valid YAML: {reason}.") from error
    if node is None:
        return []
    if not isinstance(node, yaml.MappingNode):
        raise SettingsError(f"{path} is not a list of 'key: value' lines.")
    return node.value


def _check_tokens(path: str, text: str) -> None:
    """Look for aliases, and for depth: time grows with its square.

    Raises:
        SettingsError: There is one, or it is too deep.
    """
    depth = 0
    for token in yaml.scan(text):
        if isinstance(token, yaml.AliasToken):
            raise SettingsError(f"{path} uses YAML aliases (*name); write the values out.")
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > _MAX_DEPTH:
            raise SettingsError(f"{path} is nested too deeply; it is no settings file.")
