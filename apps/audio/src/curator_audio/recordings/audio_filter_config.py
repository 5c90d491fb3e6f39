"""Settings of `AudioDataFilterStage`, by sections: defaults, a YAML file's over them, a dict's over these."""

import copy
import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from curator_engine.errors import InputError, SettingsError

type Config = dict[str, Any]

DEFAULTS: Config = {
    "mono_conversion": {"output_sample_rate": 48_000, "strict_sample_rate": True, "cpus": 1.0},
    "vad": {
        "enable": True,
        "min_duration_sec": 2.0,
        "max_duration_sec": 60.0,
        "threshold": 0.5,
        "min_interval_ms": 500,
        "speech_pad_ms": 300,
        "cpus": 1.0,
        "gpus": 0.0,
    },
    "band_filter": {"enable": True, "band_value": "full_band", "cpus": 1.0, "gpus": 0.0},
    "utmos": {"enable": True, "mos_threshold": 3.4, "cpus": 1.0, "gpus": 0.0},
    "sigmos": {
        "enable": True,
        "noise_threshold": 4.0,
        "ovrl_threshold": 3.5,
        "sig_threshold": None,
        "col_threshold": None,
        "disc_threshold": None,
        "loud_threshold": None,
        "reverb_threshold": None,
        "cpus": 1.0,
        "gpus": 0.0,
    },
    "concatenation": {"silence_duration_sec": 0.5, "cpus": 1.0},
    "speaker_separation": {
        "enable": True,
        "exclude_overlaps": True,
        "min_duration": 0.8,
        "gap_threshold": 0.1,
        "buffer_time": 0.5,
        "cpus": 1.0,
        "gpus": 0.0,
    },
    "timestamp_mapper": {"passthrough_keys": None, "cpus": 1.0},
}
"""NeMo Curator's, but that no stage asks for a GPU."""
_BEST = 5.0
"""The best rating."""
_FROM_TO = {
    "vad": {"threshold": (0.0, 1.0)},
    "utmos": {"mos_threshold": (0.0, _BEST)},
    "sigmos": {key: (0.0, _BEST) for key in DEFAULTS["sigmos"] if key.endswith("_threshold")},
}
"""Of each number that may be None, the least and the most."""


def load_config(config_path: str | Path | None = None) -> Config:
    """The settings by section; those of a YAML file stand over the defaults, key by key.

    Raises:
        InputError: The file cannot be read, or is no YAML.
        SettingsError: A section is unknown, or a value is out of its range.

    Example:
        >>> load_config()["utmos"]["mos_threshold"]
        3.4
    """
    if config_path is None:
        return copy.deepcopy(DEFAULTS)
    try:
        given: Any = yaml.safe_load(Path(config_path).read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{config_path} cannot be read as YAML: {reason}.") from error
    if not isinstance(given, Mapping | None):
        raise InputError(f"{config_path} has no sections such as vad: and utmos:.")
    return merged(DEFAULTS, given or {})


def merged(base: Config, given: Mapping[str, Any]) -> Config:
    """A copy of some settings with others over them, which are looked at.

    Raises:
        SettingsError: A section is unknown, or a value is out of its range.
    """
    config = copy.deepcopy(base)
    for name, section in given.items():
        if name not in DEFAULTS:
            near = difflib.get_close_matches(str(name), DEFAULTS, 1) or ["|".join(DEFAULTS)]
            raise SettingsError(f"the section {name!r} is unknown; there is {near[0]}.")
        if not isinstance(section, Mapping):
            raise SettingsError(f"the section {name} holds no settings: {section!r}.")
        config[name] |= section
    _check(config)
    return config


def get_enabled_stages(cfg: Mapping[str, Any]) -> list[str]:
    """The sections whose stages run, in their order.

    Example:
        >>> get_enabled_stages(merged(load_config(), {"speaker_separation": {"enable": False}}))[-1]
        'timestamp_mapper'
    """
    has_speakers = cfg.get("speaker_separation", {}).get("enable", True)
    return [
        name
        for name in DEFAULTS
        if cfg.get(name, {}).get("enable", True) and (name != "concatenation" or has_speakers)
    ]


def _check(config: Config) -> None:
    """Look at values that depend on each other, and those that a rating can have."""
    vad = config["vad"]
    if not vad["min_duration_sec"] < vad["max_duration_sec"]:
        raise SettingsError(
            f"vad.min_duration_sec={vad['min_duration_sec']} must be below "
            f"vad.max_duration_sec={vad['max_duration_sec']}."
        )
    for section, keys in _FROM_TO.items():
        for key, (least, most) in keys.items():
            value = config[section][key]
            if value is not None and not least <= value <= most:
                raise SettingsError(f"{section}.{key}={value} is not in {least:g} to {most:g}.")
    if not config["speaker_separation"]["min_duration"] > 0:
        raise SettingsError("speaker_separation.min_duration must be above 0.")
    rate = config["mono_conversion"]["output_sample_rate"]
    if not isinstance(rate, int) or rate < 1:
        raise SettingsError(f"mono_conversion.output_sample_rate={rate!r} is no rate above 0.")
    if not config["concatenation"]["silence_duration_sec"] >= 0:
        raise SettingsError("concatenation.silence_duration_sec must not be below 0.")
