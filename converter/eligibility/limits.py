"""Limits of normal as people write them: "x ULN", "times the upper limit of normal", "LLN"."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from converter.eligibility.operators import SIGN

Limit = Literal["ULN", "LLN"]
LIMITING = frozenset((
    "uln", "xuln", "iuln", "xiuln", "lsn", "unl", "nul", "ulrr", "ulnr", "ulns", "lln", "xlln", "u", "limit", "limits", "normal", "upper",
    "highest",
    "maximum", "maximal", "lower", "lowest"))
"""Where none of these words stands, no limit of normal is named."""
WHOSE = r"(?:(?:institutional|institution(?:'s)?|local|lab|laboratory(?:'s)?|sites?(?:'s)?|age[- ](?:adjusted|appropriate|specific)|" \
    r"established|normal(?:'s)?|reference|center's|facility|central)\s){0,3}"
OF_NORMAL = r"(?:of\s|for\s|in\s)?(?:the\s)?(?:(?:institutional|institution|local|laboratory|lab|reference|age)\s){0,2}" \
    r"(?:normal|reference|limit|uln)?(?:\s(?:range|limits?|values?|level))?"
HIGH = rf"(?:upper|uper|highest|high|maximum|maximal)\s(?:limits?|level|bound|end|values?|range)\s?{OF_NORMAL}(?:\s\(?uln\)?)?" \
    r"|(?:upper|highest|maximum|maximal)\s(?:normal|reference)\s(?:lab\s)?(?:values?|limits?|levels?|range)(?:\s\(?uln\)?)?|limit\sof\snormal"
LOW = rf"(?:lower|lowest)\s(?:limits?|level|bound|end|values?)\s(?:of\s|for\s){OF_NORMAL}(?:\s\(?lln\)?)?"
TIMES = r"\s{0,2}(?:(?:x|×|\*|times|time|folds?)\b|[×*])?(?:\s?\(?-?\s?(?:x|×|times|folds?)\)?(?=[\s(u]))?\s?" \
    r"(?:\(?(?:(?P<above>(?:(?:higher|greater|more|larger)\sthan|elevat(?:ed|ion)\s(?:above|over)|(?:elevated|greater|higher)(?=\supper)" \
    r"|above|over)\s)" \
    r"|(?:as\s)?high\sas\s|elevat(?:ed|ion)\sof\s|of\s|from\s))?(?:the\s|its\s|their\s)?"
LIMIT = re.compile(
    rf"{TIMES}{WHOSE}(?:(?P<upper>\(?i?uln\b|lsn\b|ulrr\b|ulnr\b|unl\b|nul\b|uln's\b|ulns\b|u\.l\.n\.?|{HIGH})|(?P<lower>\(?lln\b|{LOW})"
    r"|(?P<normal>(?<=[x×slef] )(?:the\s)?(?:normal|upper\snormal)(?:\s(?:values?|limits?|levels?|range|upper\slimits?)){0,2}"
    r"(?:\sof\snormal)?))"
    r"(?:\s?\(\s?(?:x\s)?uln\s?\))?")
ITSELF = re.compile(
    rf"(?P<sign>{SIGN})?\s?(?:the\s)?{WHOSE}(?:(?P<upper>uln\b|upper\slimits?\sof\s(?:the\s)?(?:normal|reference)(?:\srange)?(?:\s\(uln\))?)"
    r"|(?P<lower>lln\b|lower\slimits?\sof\s(?:the\s)?(?:normal|reference)(?:\srange)?(?:\s\(lln\))?))")
NAME = re.compile(r"uln\b|lln\b|(?:upper|lower)\slimit")
"""What stands in each of these."""
FACTOR = re.compile(r"\s{0,2}(?:[x×*]|times)\s?(?P<factor>\d+(?:[.,]\d+)?)(?![\d.,]*\s?(?:\^|/))")
"""The factor that follows a limit: "≤ ULN*2.5"."""


class Limited(NamedTuple):
    """A limit of normal that was read, where its words end, and whether they say "so many times higher than"."""

    limit: Limit
    end: int
    above: bool


def limit_at(plain: str, at: int, end: int) -> Limited | None:
    """The limit of normal that the number before `at` is a multiple of, None where there is none."""
    found = LIMIT.match(plain, at, end)
    return Limited("LLN" if found["lower"] else "ULN", at + len(found[0].rstrip()), found["above"] is not None) if found else None

