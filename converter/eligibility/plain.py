"""The text as the grammars look at it: one character for one, so that every span holds in the text itself.

Lower case; every blank, line ends too, is a space; wide and look-alike signs are the usual ones; the backslashes by which
ClinicalTrials.gov escapes Markdown are spaces; a comparison that is escaped for HTML is its sign.
"""

from __future__ import annotations

import re

SIGNS = {
    **dict.fromkeys("⩾≧⪰≽", "≥"), **dict.fromkeys("⩽≦⪯≼", "≤"), **dict.fromkeys("＜˂‹﹤〈", "<"), **dict.fromkeys("＞˃›﹥〉", ">"),
    **dict.fromkeys("＝﹦", "="), **dict.fromkeys("‐‑‒–—―−﹣－", "-"), **dict.fromkeys("～∼〜˜", "~"), **dict.fromkeys("’‘`´ʼ", "'"),
    **dict.fromkeys("“”„«»＂", '"'), **dict.fromkeys("（﹙", "("), **dict.fromkeys("）﹚", ")"), **dict.fromkeys("，﹐", ","),
    **dict.fromkeys("；", ";"), **dict.fromkeys("：﹕", ":"), **dict.fromkeys("／∕⁄", "/"), **dict.fromkeys("％﹪", "%"),
    **dict.fromkeys("✕✖⨯", "×"),
    **dict.fromkeys("μ", "µ"), **dict.fromkeys("º˚", "°"), "＋": "+", "İ": "i", "\\": " ",
    **{chr(0xFF10 + n): str(n) for n in range(10)}, **{chr(0xFF21 + n): chr(97 + n) for n in range(26)},
    **{chr(0xFF41 + n): chr(97 + n) for n in range(26)},
    **dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff\xad", " "),
    "&lt;": "<   ", "&gt;": ">   ", "&le;": "≤   ", "&ge;": "≥   ",  # as HTML has them, which stand in some records
}
ENTITY = "|".join(sign for sign in SIGNS if len(sign) > 1)
BLANKS = {sign for sign, meant in SIGNS.items() if meant == " "} - {"\\"}
COMMON_BLANKS = {sign for sign in BLANKS if sign.isascii()}
OTHER_BLANKS = re.compile(f"[{''.join(BLANKS - COMMON_BLANKS)}]")
COMMON = {sign for sign in SIGNS if sign.isascii()}
"""What is looked for in every text."""
ASCII = bytes(range(128))

WORDS = re.compile(r"[a-zß-öø-ÿα-ωⅰ-ⅵ]+|[0-9]")
"""Runs of letters, and single figures: by these most criteria are seen to have nothing that a grammar reads."""


def words(plain: str, start: int, end: int) -> list[str]:
    """The runs of letters between start and end of the plain text, and its figures one by one."""
    return WORDS.findall(plain, start, end)


def spaced(text: str) -> str:
    """The text with a space for every other blank, line ends too."""
    for sign in COMMON_BLANKS:
        text = text.replace(sign, " ")
    return text if text.isascii() else OTHER_BLANKS.sub(" ", text)


def plain(text: str) -> str:
    """The text in plain signs and lower case, of the same length."""
    signs = COMMON
    if not text.isascii():  # few others are there, and str.translate is slow
        others = text.encode("utf-8", "surrogatepass").translate(None, ASCII).decode("utf-8", "surrogatepass")
        signs = COMMON.union(SIGNS.keys() & others)
    for sign in signs:
        text = text.replace(sign, SIGNS[sign])
    return text.lower()  # of the same length, now that "İ" is gone
