"""Names of languages: whatever a tool calls one becomes ISO 639-3, with a script of ISO 15924 where it is known.

One individual language that stands for a macrolanguage in most labels is called by the macrolanguage: cmn is zho,
arb is ara. Norwegian without more is nob. What is not known stays as it is.
"""

import re
from functools import cache

UNDETERMINED = "und"
_TWO_LETTERS = """
    aa aar ab abk ae ave af afr ak aka am amh an arg ar ara as asm av ava ay aym az aze ba bak
    be bel bg bul bh bih bi bis bm bam bn ben bo bod br bre bs bos ca cat ce che ch cha co cos
    cr cre cs ces cu chu cv chv cy cym da dan de deu dv div dz dzo ee ewe el ell en eng eo epo
    es spa et est eu eus fa fas ff ful fi fin fj fij fo fao fr fra fy fry ga gle gd gla gl glg
    gn grn gu guj gv glv ha hau he heb hi hin ho hmo hr hrv ht hat hu hun hy hye hz her ia ina
    id ind ie ile ig ibo ii iii ik ipk io ido is isl it ita iu iku ja jpn jv jav ka kat kg kon
    ki kik kj kua kk kaz kl kal km khm kn kan ko kor kr kau ks kas ku kur kv kom kw cor ky kir
    la lat lb ltz lg lug li lim ln lin lo lao lt lit lu lub lv lav mg mlg mh mah mi mri mk mkd
    ml mal mn mon mr mar ms msa mt mlt my mya na nau nb nob nd nde ne nep ng ndo nl nld nn nno
    no nob nr nbl nv nav ny nya oc oci oj oji om orm or ori os oss pa pan pi pli pl pol ps pus
    pt por qu que rm roh rn run ro ron ru rus rw kin sa san sc srd sd snd se sme sg sag si sin
    sk slk sl slv sm smo sn sna so som sq sqi sr srp ss ssw st sot su sun sv swe sw swa ta tam
    te tel tg tgk th tha ti tir tk tuk tl tgl tn tsn to ton tr tur ts tso tt tat tw aka ty tah
    ug uig uk ukr ur urd uz uzb ve ven vi vie vo vol wa wln wo wol xh xho yi yid yo yor za zha
    zh zho zu zul
"""
"""ISO 639-1 and ISO 639-3, in turn."""
_OLD_CODES = "iw heb in ind ji yid jw jav mo ron sh hbs un und"
"""Codes that tools still give."""
_MACRO = """
    aec ara ajp ara als sqi arb ara azj aze cmn zho dgo doi ekk est fil tgl gaz orm gug grn hbo heb kmr kur
    khk mon knn kok lvs lav npi nep nor nob ory ori pbt pus pes fas plt mlg quy que quz que swh swa twi aka uzn uzb
    ydd yid zsm msa
"""
"""The individual language that labels have, and what it is called here."""
_BIBLIOGRAPHIC = """
    alb sqi arm hye baq eus bur mya chi zho cze ces dut nld fre fra geo kat ger deu gre ell ice isl mac mkd
    mao mri may msa per fas rum ron slo slk tib bod wel cym
"""
_LID_176 = {"als": "gsw", "eml": "egl", "nah": "nah", "bih": "bho", "sh": "hbs", "cbk": "cbk"}
"""What fastText's lid.176 means by codes of Wikipedias: als is Alemannic there, and Tosk Albanian in ISO."""


@cache
def _known() -> dict[str, str]:
    words = f"{_TWO_LETTERS} {_OLD_CODES} {_MACRO} {_BIBLIOGRAPHIC}".split()
    return dict(zip(words[::2], words[1::2], strict=True))


def normalized(label: str, *, is_wikipedia: bool = False) -> tuple[str, str]:
    """A language, and its script or an empty text.

    Args:
        label: As a tool or a person writes it: de, deu, deu_Latn, zh-Hant, sr-ME, __label__en.
        is_wikipedia: Whether codes are those of Wikipedias, as lid.176 has them.
    """
    parts = re.split(r"[-_]", label.strip().removeprefix("__label__").replace("__label__", ""))
    code = parts[0].lower()
    if is_wikipedia and code in _LID_176:
        return _LID_176[code], ""
    script = next((part.title() for part in parts[1:] if re.fullmatch(r"[A-Za-z]{4}", part)), "")
    return _known().get(code, code), script


def is_code(language: str) -> bool:
    """Whether a normalized language has the form of ISO 639-3."""
    return re.fullmatch(r"[a-z]{3}", language) is not None


def tag(language: str, script: str) -> str:
    """A language and its script as one word, such as deu_Latn; without a script the language."""
    return f"{language}_{script}" if script else language
