"""The words between a variable and its bounds, and around them: which say that they belong together, and which that they do not."""

from __future__ import annotations

import re

from converter.eligibility.operators import SIGN

REACH = 60
"""So many characters at most stand between a variable and its bounds."""
BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
APART = re.compile(
    r"[;?&]|(?<!i\.e)(?<!e\.g)\.\s|\b(?:and|or|but|while|who(?!\s*$)|whose|patients|if|because|due to|treated|requiring|despite|unless|"
    r"except)\b")
"""What parts a name from bounds that are not its own."""
DENIED = re.compile(r"(?:\b(?:not?|never|neither|nor|cannot|unlikely|hardly|fail(?:s|ed|ing)?|other than)|n't)\s(?:[\w-]+\s){0,2}\(?$")
"""What before bounds says that they are not those of the name before it: "ALT is not consistently > 3 × ULN"."""
NEXT_TO = re.compile(
    r"(?:[\s:=,()\[\]*-]|\b(?:of|is|are|was|levels?|counts?|values?|scores?|concentrations?|must|be|should|at|an?|the|to|or|class|grade|status|index|"
    r"rate|has|have|with|between|from|range|ranging|in|total|equal|measured|baseline|screening|ratio|activity|result|percentage|test|defined|as|[a-z]{2,5}(?=\)))\b|\bi\.e\.?)*")
GRADED = re.compile(
    r"(?:[\s:=,()\[\]*.'/-]|\b(?:of|is|are|was|scores?|scored|class|classes|classification|grades?|graded|status|physical|stages?|staging|levels?|scale|"
    r"system|functional|performance|ps|must|be|should|at|an?|the|to|or|as|points?|risk|index|state|category|categories|criteria|between|from|ecog|who|"
    r"asa|nyha|symptoms?|heart|cardiac|function|chf|defined|condition|health|assessment|required|swog|failure|total|baseline|screening|zubrod)\b)*")
JOINT = re.compile(
    r"[\s()\[\],、/&+-]*(?:\b(?:and|or|serum|total|levels?|both|either|baseline|the|plasma|blood|peripheral|counts?)\b[\s()\[\],、/&-]*)*")
BEFORE_NAME = re.compile(
    r"(?:\s?(?:points?|or\s(?:more|higher|less|greater|above)))?\s?(?:[(\[]\s?)?"
    r"(?:(?:of|in|on|for|by|at|per|according\sto|as\smeasured\sby|measured\s(?:by|on|with|using)|using|from)\s)?(?:the\s|an?\s|their\s|his\s)?"
    r"(?:\w+\sversion\sof\s(?:the\s)?)?"
    r"(?:(?:total|serum|baseline|initial|of|blood|plasma|predicted|\d+[- ](?:point|item)|0-10|0-100)\s){0,2}")
OPENED = re.compile(r"\([^()]*$")
CLOSED = re.compile(r"[^()]{0,30}\)")
LABEL = re.compile(r"[-\s](?:lead|point|item|step|met(?:er|re))s?\b")
"""What makes a number a name of how it was measured: "12-lead"."""
COUNTING = re.compile(r"\b(?:day|visit|week|cycle|month|step|phase)\s$")
"""What stands before a number that only tells when."""
FALLEN = re.compile(r"\b(?:decrease|drop|fall|reduction|rise|increase|change|difference)s?\s(?:in|of)\b[^.;<>≤≥]*$")
"""What stands before bounds that are those of a change."""
REVERSED = re.compile(r"\s?[<>≤≥=/ ]+(?:the\s)?\s?")
GRADE_OF = re.compile(r"\b(?:class|grade|stage|score|status|level|scores|classes|grades)\s(?:of\s|is\s)?$")
SIGNED_GRADE = re.compile(rf"(?P<sign>{SIGN})\s?(?:class|grade|stage)\s?$")
HIGH = re.compile(
    r"\b(?:elevat\w+|increas\w+|abnormal\w*|dysfunction|disease|insufficiency|failure|severe|"
    r"impair\w+|above|over|higher|greater|more|twice|double|triple|times|folds?)\b")
REGULAR = re.compile(r"\b(?:adequate|normal|acceptable|sufficient|within|regular|stable)\b")
OPERATED = re.compile(r"\b(?:than|over|above|exceed\w*|least|most)\b|[<>≤≥]")
MULTIPLIED = re.compile(
    r"\)?\s{0,2}(?:(?:the\s)?(?:normal|upper)\b|\*\s?(?:[a-z]{3}|10)|[x×](?![a-z0-9])|times?\b|-?\s?folds?\b)(?!\s?10\b)")
"""What makes a multiple of the number before it, of what is not known."""
UNREAD = re.compile(
    r"\s?(?!(?:and|or|he|she|him|his)\b)(?:[a-zµ][a-zµ0-9.^-]{0,14}\s?/\s?(?:l|dl|ml|[uµ]l|mm3|kg|m2|min|h|hr|day|d|g|mg|lit(?:er|re))\b|\.?\s?(?:per)?centile)"
    r"|\s?/\s?(?:[mµud]?l\d?|mm\d?|cc|kg|g)\b|\s?(?:±|\+/-)|\s?of(?=\s?[.,;)]|\s?$|\s(?:the\s)?(?:following|above|below|these|those)\b)")
"""A unit that is not known."""
OF_LIMIT = re.compile(r"\s(?:of\s)?(?:the\s)?(?:(?!or\b|and\b)\w+\s)?(?:(?:upper|lower)\slimit|uln\b|lln\b)")
FORMULA = re.compile(r"\s?\+\s?\d")
GOES_ON = re.compile(r"/(?:[a-z]|1[.,·]7\d)")
ALONE = frozenset(("time", "pressure", "mass", "length", "fraction", "score"))
"""What is measured in units that are not divided: a stroke behind them begins something else."""
NEXT_SIGN = re.compile(r"\s{0,2}[<>≤≥=]")
NEXT_WORDS = re.compile(
    r"\s(?:counts?\s|levels?\s|ratio\s)?(?:(?:of|is|must\sbe|should\sbe)\s)?(?:at\sleast|no(?:t)?\s(?:more|less|greater|lower|higher)|"
    r"(?:greater|less|more|lower|higher)\sthan)\b")
"""What stands behind a name whose own bounds follow."""
UNIT_BEHIND = re.compile(r"(?:\s?(?:or|and)\s?[<>≤≥=]{0,2}\s?\d{2,3}\s?(?:systolic|diastolic))?(?=\s?mm)")
"""What stands between "≥ 160 systolic" and the unit that is told but once."""
FURTHER = 150
"""As REACH, of a clearance with its unit, of which the formula is often told."""
RATIO_OF = re.compile(r"\bratio\s(?:of|between)\s(?:the\s)?$")
CLOSING = re.compile(r"[)\]]")
RATIO = re.compile(r"\W{0,2}ratio\b")
ITEM = re.compile(r"[^.;,]{0,40}\b(?:items?|question|sub-?scale|domain)\b")
"""What follows the name of a questionnaire of which a part is meant."""
ADJUSTED = re.compile(r"\b(?:adjusted|corrected)\sfor\s(?:serum\s)?$")
PAINFUL = re.compile(r"\s(?:days?|episodes?|medic\w+|drugs?|interference)\b")
"""What follows the word pain where it is not measured."""
LESS_IS_BETTER = frozenset(("ecog", "nyha", "asa", "das28", "phq9", "gad7", "nihss", "mrs", "sofa", "cdr", "pain_nrs", "edss", "gleason"))
"""Scores of which the least is the best."""
COUNTS = frozenset(("10*9/L", "/uL"))
SLASHED = frozenset((
    "alt", "ast", "alp", "ggt", "total_bilirubin", "direct_bilirubin", "sbp", "dbp", "bp", "karnofsky", "lansky", "ecog", "pt",
    "inr", "aptt",
    "creatinine", "crcl", "egfr", ""))
"""Variables that are joined by a stroke; the stroke between others makes a ratio of them."""
RATIOS = {("fev1", "fvc"): "fev1_fvc", ("pao2", "fio2"): "pao2_fio2"}
AMBIGUOUS = frozenset(("cr", "pt", "ga", "tb", "ck", "pct", "map", "got", "tg", "hr", "rr", "bil", "alp", "acr"))
"""Abbreviations that often mean something else (CR: complete response): a sign or a unit that fits must stand with them."""
NEED_UNIT = frozenset(("na", "na+", "k"))
"""Symbols that name a measure only where a unit of it follows directly."""
DIRECTLY = re.compile(r"[\s:=,()\[\]-]*(?:(?:defined\sas|i\.?e\.?|of|is|with)[\s,:]*)?")
