"""A name with the words that narrow it, or say what it includes: "severe asthma", "infection requiring antibiotics", "surgery (including
biopsies)", "allergy to A or any of its components".

What is so named is no longer what the vocabulary has under the name: it keeps all its words, and loses its codes.
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from converter.eligibility.adjectives import OF_LIST, adjectives, words
from converter.eligibility.dictionary import key, terms
from converter.eligibility.findings import Mention, Span
from converter.eligibility.parts import Claim, Part

REACH = 120
"""So many characters before a name what is said of it may begin."""
CARRIED = re.compile(
    r"(?<![\w-])(?:(?:diagnosis|presence|history|known|current|evidence|personal) (?:or|and/or|and) )?"
    r"(?:(?:positive |first[- ]degree )?family history of|recent (?:or repeated )?history of"
    r"|contraindications? (?:to|for|against)(?: (?:the )?use of)?"
    r"|(?:(?:high|higher|increased|elevated|known) )?risk (?:of|for|factors? for)|suspicion of|exacerbations? of|recurrences? of|onset of"
    r"|(?:unable|inability|unwilling|refusal|failure) to (?:undergo|tolerate|receive|take)|poor control of|stable doses? of"
    r"|(?:(?:in)?eligible|(?:un)?suitable|(?:un)?fit|referred|listed|amenable) (?:for|to)(?: (?:treatment|therapy) with)?"
    r"|indications? for|candidates? for"
    r"|need for|in need of|needing|requiring|scheduled (?:for|to (?:undergo|receive|have))"
    r"|(?:plans?|planned|planning|expected|about|waiting) to (?:undergo|receive|have)|planned for|awaiting"
    r"|(?:refractory|resistant|unresponsive|intolerant) to|(?:failure|lack|loss) of response to|inadequate response to|dependen(?:t|ce) on"
    r"|(?:planned|anticipated|expected) use of"
    r"|(?:treatments?|therap(?:y|ies)|medications?|drugs?|surger(?:y|ies)|hospitali[sz]ations?|admissions?|management|prophylaxis) for"
    r"|(?:treatment|management|prevention) of"
    r"|(?:(?:chronic|regular|long-term|daily|intermittent|frequent|continuous|prolonged)(?: or | and | )){1,2}"
    r"(?:use|intake|treatment) (?:of|with))(?: an?| the| any)? \Z"
)
"""What says something else of a name than that it is there."""
CARRYING = ("of ", "for ", "to ", "with ", "against ", "the ", "any ", "a ", "an ", "undergo ", "receive ", "have ", "take ", "tolerate ",
            "on ", "ing ")
"""How that ends."""
CARRIES = re.compile(r"\b(?:of|to|for|with|against)\b")
"""In it, what is said of all names of a list: "chronic use of steroids or other drugs"."""
INTENDED = re.compile(
    r"(?<![\w-])(?:(?:current|known|active|ongoing|confirmed|existing)(?: or | and/or |/))?"
    r"(?:planning|plans?|planned|intending|intends?|intent|intentions?|wish(?:es|ing)?|desir(?:e|es|ing)|hop(?:es|ing)|try(?:ing)?|tries"
    r"|attempting|likely|expect(?:s|ing)?|anticipat(?:es?|ing)|want(?:s|ing)?|consider(?:s|ing)?|contemplating|seeking"
    r"|possible|possibly|potentially|potential|suspected|suspicion|at risk)"
    r"(?: of| to| on| for| a)* (?:(?:be|become|becoming|being|get|getting|having) )?(?:a )?\Z"
)
"""Before "pregnant": not yet so."""
INTERFERING = re.compile(
    r",? (?:that|which),?(?: in the (?:opinion|judge?ment) of the (?:study |principal )?investigator,?"
    r"| in the investigator's (?:opinion|judge?ment),?)? (?:may|might|could|would|will|can|potentially)(?: potentially| also)*"
    r" (?:interferes?|affects?|impairs?|compromises?|impacts?|precludes?|limits?|confounds?|influences?|prevents?|contraindicates?"
    r"|jeopardi[sz]es?|hinders?)( [^.;:()\d]*+)[.;]?\s*\Z"
)
OTHERS = re.compile(
    r"\b(?:or|and) (?:patients|subjects|participants|those|any|history|use|has|have|is|are|current|known|pregnan\w+)\b|\bwho\b"
)
"""What begins something that does not interfere."""
BEHIND = re.compile(
    r" (?:in situ )?(?:requiring|(?:that|which) (?:requires?|required|has required|have required)|(?:due|secondary|related) to|caused by"
    r"|associated with|resulting from|arising from|involving|affecting|(?:of|in|at|to|on) the)((?: [a-z][\w'-]*){1,7})\s*[.;,]?\s*"
)
PLACED = re.compile(r" (?:in situ )?(?:of|in|at|to|on) the\b")
"""What follows a name and says where it is."""
ADDED = re.compile(
    r" or (?:to )?(?:any )?(?:of )?(?:its|their|the) (?:\w+ )?(?:components?|excipients?|ingredients?|constituents?|additives)\b"
    r"(?: of (?:the|this) \w+\b)?"
)
LISTED = re.compile(
    r",? (?:including(?:,? but not limited to)?|such as|e ?\. ?g ?\.?|for example|for instance),? "
    r"(?P<examples>[a-z][^.;:()\[\]\d]*+)[.;]?\s*\Z"
)
"""Examples without brackets, to the end of the criterion: they may be more than the name before them has in the vocabulary."""
MORE = re.compile(
    r"\b(?:history|signs?|symptoms|diagnosis|any|use|presence|evidence|patients?|subjects?|participants?|women|who|whom|whose|with|without"
    r"|within|prior|before|after|during|unless|except|excluding|but|not|no|if|requir\w+|that|which|are|is|was|were|will|would|may|can|could"
    r"|must|should|has|have|past|last|months?|years?|weeks?|days?)\b"
)
"""What may say more than an example."""
INCLUDING = re.compile(r"\s*[(\[]\s*including\b")
SICK = re.compile(r"contraindication|unable|inability")
"""What makes a treatment a condition."""
TREATING = re.compile(
    r"(?:treatment|therap|medication|drug|surger|hospitali|admission|management|prophylaxis|prevention)[\w-]* (?:for|of)\b"
)
"""What makes a condition what is done for it."""
DEFINED = re.compile(r"[\s,:-]*|\s*[(\[]\s*|,? (?:(?:which )?(?:is|are) |as )?defined (?:as|by) (?:an? |the )?")
"""Before the value that says what is meant by a name with its adjectives."""
DENYING = re.compile(r"non|negative|naive|free")
"""What may deny a name by itself ("non-metastatic")."""
STATUS = re.compile(
    r"(?:(?:active|ongoing|current|known|documented|confirmed|prior|previous|past)(?: or |/|, | |, or ))*"
    r"(?:active|ongoing|current|prior|previous|past) "
)
"""Words that say nothing but of which time it is."""
ENDING = re.compile(
    r"\b(?:infections?|sepsis|pneumonia|covid(?:-19)?|malignan(?:cy|cies)|cancers?|neoplasms?|tumou?rs?|carcinomas?|bleeding|h(?:a)?emorrhages?|ulcers?"
    r"|abuse|dependence|addiction|alcoholism)\Z"
)
"""What is active while it is there: other diseases may be there and not be active."""
LASTING = re.compile(r"\b(?:hepatitis|hbv|hcv|hiv|tubercul\w+|tb|herpes|cmv|cytomegalovirus|ebv|toxoplasm\w+|chronic|latent)\b")
"""What is there, too, while it rests."""
TIMES = re.compile(r"\b(?:active|ongoing|current|prior|previous|past|family|planned)\b")
PASSED = re.compile(r"\b(?:prior|previous|past|family|planned|history)\b")
OTHER = re.compile(r"\b(?:an)?other (?:(?:forms?|types?|kinds?|sorts?) of |(?:concurrent|concomitant|current|known|prior|previous) )?\Z")
ANEW = re.compile(
    r"\b(?:an?|any|history|prior|previous|current|currently|active|use|using|receiving|taking|presence|diagnosis|evidence|with"
    r"|known|who|had|has|have)\b"
)
"""Between two names: what narrows the first does not narrow the second."""


def narrowed(plain: str, after: int, start: int, end: int) -> int:
    """Where the words begin that narrow the name plain[start:end], not before `after`; `start` where none do."""
    if start == after:
        return start
    begin = adjectives(plain, after, start, end)
    if plain.endswith(CARRYING, after, begin) and (found := CARRIED.search(plain, max(after, begin - REACH), begin)):
        begin = found.start()
    return start if begin < start and _joined(plain, after, begin) else begin


def _joined(plain: str, after: int, begin: int) -> bool:
    """Whether what begins there is joined to words that are no name: "history of or planned surgery"."""
    ahead = plain[after:begin].rstrip()
    return ahead.endswith((" or", " and", "/", ",")) and ahead.strip(" ,;/") not in ("", "or", "and", "and/or")


def intended(plain: str, after: int, start: int) -> int:
    """Where the words begin that say that the pregnancy at `start` is only planned or possible, not before `after`; `start` for none."""
    found = INTENDED.search(plain, max(after, start - REACH), start)
    return start if found is None or _joined(plain, after, found.start()) else found.start()


def limited(plain: str, start: int, end: int) -> int:
    """Where the words end that limit the name before `start`, or give examples of it without brackets, and are the last of the
    criterion, which ends at `end`; `start` for none.
    """
    if not plain.startswith((" ", ","), start):
        return start
    if found := LISTED.match(plain, start, end):
        return start if MORE.search(found["examples"]) else found.end("examples")
    if found := INTERFERING.match(plain, start, end):
        return start if OTHERS.search(found[1]) else found.start(1) + len(found[1].rstrip())
    found = BEHIND.match(plain, start, end)
    if found is None or found.end() < end or not words()["never behind"].isdisjoint(found[1].split()):
        return start
    return found.end(1)


def added(plain: str, start: int, end: int) -> int:
    """Where "or any of its components" behind a substance ends; `start` where it does not stand there."""
    found = ADDED.match(plain, start, end) if plain.startswith(" or ", start) else None
    return found.end() if found else start


def narrow(plain: str, start: int, end: int, claims: list[Claim], timed: set[Span]) -> list[Claim]:
    """The claims between start and end, those of names with the words that narrow them; the claims behind the last one that are among
    its words are left out, where none of them is `timed`.
    """
    earlier = carried = False
    active: Part | None = None
    for place, claim in enumerate(claims):
        part = claim.part
        if not part or not isinstance(part.meaning, Mention) or part.bare:
            continue
        after = claims[place - 1].end if place else start
        if part.sort == "motherhood":
            if (begin := intended(plain, after, claim.start)) < claim.start:
                _named(claim, begin, claim.end, status=None)
                part.narrowed = True
            continue
        following = claims[place + 1] if place + 1 < len(claims) else None
        if following and following.subjects and DEFINED.fullmatch(plain, claim.end, following.start):
            continue
        name = plain[claim.start : claim.end]
        if following and not following.part and following.start == claim.end and INCLUDING.match(plain, claim.end):
            _named(claim, claim.start, following.end)  # it may be more than the name has in the vocabulary
            following.start = claim.end
        begin = narrowed(plain, after, claim.start, claim.end)
        part.shares = begin == claim.start and place > 0 and _shares(plain, claims[place - 1], claim)
        bears = CARRIES.search(plain, begin, claim.start) is not None
        other = None if carried else OTHER.search(plain, after, begin)
        if earlier:
            part.described = part.described or other is not None or ANEW.search(plain, after, begin) is not None
        if plain.endswith("active ", after, claim.start):
            active = part
        elif active and part.dated and _may_rest(name) and not ANEW.search(plain, after, begin):
            active.narrowed = True  # "active infection or hepatitis": active hepatitis, too
        if other and (earlier or not OF_LIST.search(plain, after, other.start())):
            begin = other.start()  # than the one before: "severe asthma or other lung disease" is not asthma that is not severe
        if begin < claim.start:
            earlier, carried = True, carried or bears
            _before(claim, plain[begin : claim.start], name)
        close = added(plain, claim.end, end)
        if part.sort in ("treatment", "allergy") and close > claim.end and (not following or following.start >= close):
            _named(claim, claim.start, close)
        elif (close := limited(plain, claim.end, end)) > claim.end and all(_name_or_aside(one, timed) for one in claims[place + 1 :]):
            part.limited = LISTED.match(plain, claim.end, end) is None  # examples are those of this name, not of the ones before it
            part.clause = PLACED.match(plain, claim.end) is None
            _named(claim, claim.start, close)
            return claims[: place + 1]
    return claims


def _shares(plain: str, before: Claim, claim: Claim) -> bool:
    """Whether the first words of the name before it and the name are one as well: "pulmonary embolism or hypertension"."""
    if not before.part or not claim.part or before.part.sort != claim.part.sort or not claim.part.coded:
        return False
    words, name = plain[before.start : before.end].split(), plain[claim.start : claim.end]
    return any(key(" ".join([*words[:last], name])) in terms() for last in range(1, len(words)))


def _may_rest(name: str) -> bool:
    """Whether the disease may be there without being active."""
    return ENDING.search(name) is None or LASTING.search(name) is not None


def _before(claim: Claim, said: str, name: str) -> None:
    """The claim takes in the words directly before it, unless they deny the name, or say only of which time it is, as its status does."""
    part = claim.part
    assert part and isinstance(part.meaning, Mention)
    if (part.negated and DENYING.search(said)) or (STATUS.fullmatch(said) and not (part.dated and "active" in said and _may_rest(name))):
        return
    told = PASSED.search(said) or (TIMES.search(said) and part.meaning.status == "current")
    _named(claim, claim.start - len(said), claim.end, status=None if told else part.meaning.status)
    part.narrowed = part.described = True
    if TREATING.match(said):
        part.sort, part.meaning, part.treats = "treatment", replace(part.meaning, kind="procedure"), True
    if SICK.search(said):
        part.negated, part.meaning = False, replace(part.meaning, kind="condition")


def _named(claim: Claim, start: int, end: int, **changed: str | None) -> None:
    """The claim has more words: these are its name now, and no vocabulary has it."""
    part = claim.part
    assert part and isinstance(part.meaning, Mention)
    claim.start, claim.end = start, end
    part.meaning = replace(part.meaning, start=start, end=end, codes=(), **changed)
    part.coded, part.long, part.loose = False, True, False


def _name_or_aside(claim: Claim, timed: set[Span]) -> bool:
    return isinstance(claim.part.meaning, Mention) if claim.part else (claim.start, claim.end) not in timed
