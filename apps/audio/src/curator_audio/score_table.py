"""Every score of a segment, declared once: its column, what it means, its unit and its usual limits.

From this table follow the columns of `segments.parquet`, what the options of limits refuse, and the
limits that drop segments. How a score is computed is in `scores/`.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from curator_engine.commands.settings import Bare, Flag, Group, Kind, Must
from curator_engine.items.score_limits import Score, ScoreLimits

_RATIO = "ratio, 0 to 1"


def _rating(name: str, meaning: str, *, least: float | None = None) -> Score:
    """A rating of DNSMOS."""
    return Score(
        column=f"dnsmos_{name}",
        group="dnsmos",
        meaning=meaning,
        unit="1 to 5",
        high=5.0,
        least=least,
        made_by="dnsmos",
    )


def _sigmos(name: str, meaning: str) -> Score:
    """A rating of SIGMOS."""
    return Score(
        column=f"sigmos_{name}",
        group="sigmos",
        meaning=meaning,
        unit="1 to 5",
        high=5.0,
        made_by="sigmos",
    )


def _squim(column: str, meaning: str, **how: Any) -> Score:
    """An estimate of SQUIM."""
    return Score(column=column, group="squim", meaning=meaning, made_by="squim", **how)


SCORE_TABLE: tuple[Score, ...] = (
    Score(column="duration_s", group="duration", meaning="Length.", unit="seconds"),
    Score(
        column="loudness",
        group="loudness",
        meaning="Integrated loudness by ITU-R BS.1770-4, gated.",
        unit="LUFS",
        low=-100.0,
        high=20.0,
        least=-45.0,
    ),
    Score(
        column="true_peak",
        group="peak",
        meaning="Highest level between samples, of the whole recording.",
        unit="dBTP",
        low=-200.0,
        high=math.inf,
    ),
    Score(
        column="clipping_ratio",
        group="clipping",
        meaning="Share of the recording's samples in runs at its highest level.",
        unit=_RATIO,
        high=1.0,
        most=0.01,
    ),
    Score(
        column="silence_ratio",
        group="silence",
        meaning="Share of frames of 10 ms that are silent.",
        unit=_RATIO,
        high=1.0,
        most=0.9,
    ),
    Score(
        column="snr",
        group="noise",
        meaning="Signal to noise, estimated from the energies of frames.",
        unit="dB",
        low=-100.0,
        least=10.0,
    ),
    Score(
        column="reverb_s",
        group="reverberation",
        meaning="How long sound takes to fade by 60 dB, estimated from its decays.",
        unit="seconds",
    ),
    Score(
        column="bandwidth",
        group="bandwidth",
        meaning="Frequency up to which the recording has sound.",
        unit="Hz",
        least=3000.0,
    ),
    Score(
        column="hum",
        group="hum",
        meaning="Level of the mains' hum at 50 or 60 Hz and its harmonics, of the recording.",
        unit="dB",
        low=-200.0,
    ),
    Score(
        column="dc_offset",
        group="offset",
        meaning="Mean of the recording's samples.",
        unit="ratio of full scale",
        high=1.0,
    ),
    Score(
        column="silent_channels",
        group="channels",
        meaning="Channels of the recording without sound.",
        unit="count",
    ),
    Score(
        column="copied_channels",
        group="channels",
        meaning="Channels of the recording that copy an earlier one.",
        unit="count",
    ),
    Score(
        column="tone_ratio",
        group="music",
        # Speech alone has 0.00, with music 20 dB below it about 0.2 to 0.3.
        meaning="Share of what is not quiet in which tones stand still for a quarter of a second: music, in the main; with --cut speech.",
        unit=_RATIO,
        high=1.0,
    ),
    Score(
        column="speech_ratio",
        group="speech",
        meaning="Share of the segment that is speech, by Silero's detector; with --cut speech.",
        unit=_RATIO,
        high=1.0,
    ),
    _rating("sig", "How good people would find the speech, by DNSMOS (P.835)."),
    _rating("bak", "How little the background would disturb them."),
    _rating("ovrl", "How good they would find all of it.", least=2.5),
    _rating("p808", "The same by the older network (P.808)."),
    _sigmos("ovrl", "How good people would find all of it, by SIGMOS (P.804)."),
    _sigmos("sig", "How good they would find the speech, by SIGMOS."),
    _sigmos("noise", "How little noise they would hear."),
    _sigmos("col", "How natural its colour is."),
    _sigmos("disc", "How little it is interrupted."),
    _sigmos("loud", "How well its loudness is chosen."),
    _sigmos("reverb", "How little of a room they would hear."),
    _squim("pesq_squim", "What PESQ would say of the speech, by SQUIM.", unit="1 to 4.5", high=4.5),
    _squim("stoi_squim", "What STOI would say, by SQUIM.", unit=_RATIO, high=1.0),
    _squim("sisdr_squim", "What SI-SDR would say, by SQUIM.", unit="dB", low=-100.0),
    Score(
        column="utmos_mos",
        group="utmos",
        meaning="How natural people would find the speech, by UTMOS.",
        unit="1 to 5",
        high=5.0,
        made_by="utmos",
    ),
    Score(
        column="speaker_share",
        group="speakers",
        meaning="Share of what is said that the segment's main speaker says.",
        unit=_RATIO,
        high=1.0,
        made_by="speakers",
    ),
    Score(
        column="overlap_share",
        group="overlap",
        meaning="Share of the segment in which two speak at once.",
        unit=_RATIO,
        high=1.0,
        made_by="speakers",
    ),
    Score(
        column="words_per_s",
        group="rate",
        meaning="Words of the transcript per second; people speak at 1 to 5.",
        unit="words per second",
        made_by="transcribe",
    ),
    Score(
        column="asr_confidence",
        group="confidence",
        meaning="How sure the recogniser is of the transcript, by its own word; of no use between models.",
        unit=_RATIO,
        high=1.0,
        made_by="transcribe",
    ),
    Score(
        column="hallucination_signs",
        group="hallucination",
        meaning="Signs that the recogniser wrote what nobody said: loops, endless words, stock phrases, impossible speed.",
        unit="count",
        high=4.0,
        most=0.0,
        made_by="transcribe",
    ),
    Score(
        column="wer",
        group="wer",
        meaning="Word errors of the transcript per word of the text that came with the segment, both normalised.",
        unit="ratio",
        made_by="transcribe",
    ),
)
"""In the order in which limits are looked at, which is also that of the columns."""
COLUMNS = tuple(score.column for score in SCORE_TABLE)

type Number = Annotated[float | None, Group.LIMITS]


@dataclass(frozen=True, kw_only=True)
class ScoreOptions(ScoreLimits):
    """The options of scores: the limits that a segment must keep to; none unless asked for.

    Example:
        >>> ScoreOptions(min_snr=20.0).score_limits()[0].group
        'noise'
    """

    scores_of = SCORE_TABLE
    limits: Annotated[Literal["none", "usual"], Group.LIMITS] = "none"
    """Limits that are not given: none, or the usual ones of speech data."""
    min_duration_s: Number = None
    """Least length, in seconds."""
    max_duration_s: Number = None
    """Most length, in seconds."""
    min_loudness: Number = None
    """Least loudness, in LUFS; usual: -45."""
    max_loudness: Number = None
    """Most loudness, in LUFS."""
    max_true_peak: Number = None
    """Most true peak, in dBTP; 0 drops what a player clips."""
    max_clipping_ratio: Number = None
    """Most share of clipped samples in [0, 1]; usual: 0.01."""
    max_silence_ratio: Number = None
    """Most share of silence in [0, 1]; usual: 0.9."""
    min_snr: Number = None
    """Least signal to noise, in dB; usual: 10."""
    max_reverb_s: Number = None
    """Most reverberation, in seconds."""
    min_bandwidth: Number = None
    """Least bandwidth, in Hz; usual: 3000; a telephone has 3400."""
    max_hum: Number = None
    """Most hum of the mains, in dB."""
    max_silent_channels: Number = None
    """Most channels without sound."""
    max_copied_channels: Number = None
    """Most channels that copy an earlier one; 0 drops stereo that is mono."""
    max_tone_ratio: Number = None
    """Most share of steady tones in [0, 1], with --cut speech; 0.1 drops speech over music."""
    min_speech_ratio: Number = None
    """Least share of speech in [0, 1], with --cut speech."""
    min_dnsmos_sig: Number = None
    """Least rating of the speech, 1 to 5, with --dnsmos."""
    min_dnsmos_bak: Number = None
    """Least rating of the background, 1 to 5, with --dnsmos."""
    min_dnsmos_ovrl: Number = None
    """Least rating of all of it, 1 to 5, with --dnsmos; usual: 2.5."""
    min_dnsmos_p808: Number = None
    """Least rating by P.808, 1 to 5, with --dnsmos."""
    min_sigmos_ovrl: Number = None
    """Least rating of all of it, 1 to 5, with --sigmos."""
    min_sigmos_sig: Number = None
    """Least rating of the speech, 1 to 5, with --sigmos."""
    min_sigmos_noise: Number = None
    """Least rating of the background, 1 to 5, with --sigmos."""
    min_pesq_squim: Number = None
    """Least PESQ, with --squim."""
    min_stoi_squim: Number = None
    """Least STOI in [0, 1], with --squim."""
    min_sisdr_squim: Number = None
    """Least SI-SDR, in dB, with --squim."""
    min_utmos_mos: Number = None
    """Least rating of how natural speech is, 1 to 5, with --utmos."""
    min_speaker_share: Number = None
    """Least share of the main speaker in [0, 1], with --speakers; 0.95 keeps segments of one speaker."""
    max_overlap_share: Number = None
    """Most share in which two speak at once in [0, 1], with --speakers."""
    min_words_per_s: Number = None
    """Least words per second, with --transcribe."""
    max_words_per_s: Number = None
    """Most words per second, with --transcribe; much more is a recogniser's invention."""
    min_asr_confidence: Number = None
    """Least confidence of the recogniser in [0, 1], with --transcribe."""
    max_hallucination_signs: Number = None
    """Most signs that nobody said what was written, with --transcribe; usual: 0."""
    max_wer: Number = None
    """Most word errors per word of the text that came with a segment, with --transcribe."""
    speakers: Annotated[Flag, Group.MODELS] = False
    """Tell the speakers of each recording apart, and find where two speak at once: with the extra speakers."""
    max_speakers: Annotated[int | None, Group.MODELS] = None
    """Most speakers of a recording, with --speakers; as many as there are unless given."""
    transcribe: Annotated[str | None, Bare("draft"), Group.MODELS] = None
    """Write down what is said: "draft", which may be left out, for Whisper tiny.en of the extra draft, a model's folder or hub id, or the URL of an OpenAI-compatible endpoint."""
    language: Annotated[str | None, Group.MODELS] = None
    """Code of the language that is spoken, with --transcribe; found out unless given."""
    align: Annotated[Flag, Group.MODELS] = False
    """Find when the words of the text that came with a segment are said, with --transcribe."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where models of speech run."""
    dnsmos: Annotated[Literal["one", "all", "off"], Group.MODELS] = "off"
    """Rate how good speech sounds: by one window of 9 seconds of each segment, some 0.5 s of a core, by all, or not."""
    sigmos: Annotated[str | None, Group.MODELS, Kind.FILE, Must.EXIST] = None
    """Rate segments in seven respects by SIGMOS: file with Microsoft's network (docs/models.md)."""
    squim: Annotated[str | None, Bare("published"), Group.MODELS] = None
    """Estimate PESQ, STOI and SI-SDR of segments, some 0.3 s of a core per second: "published", which may be left out, for torchaudio's weights, fetched once, or a file with them."""
    utmos: Annotated[str | None, Bare("published"), Group.MODELS] = None
    """Rate how natural speech is: "published", which may be left out, for the weights of UTMOS22, fetched once, or a file with them."""
