"""What a person reads of a resource on a server                       https://hl7.org/fhir/R5/narrative.html

Generated, escaped, never read back.  `& < > "` are escaped and `'` is not: a server then keeps the text byte for byte.
"""

from __future__ import annotations

from typing import Any

from converter.trial import Trial
from mappings.identity import study_id


def escaped(text: str) -> str:
    """The text as XHTML content."""
    for sign, entity in ENTITIES:
        if sign in text:  # is told much sooner than `replace` finds none
            text = text.replace(sign, entity)
    return text


ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"))


def paragraphs(text: str | None) -> str:
    """The text as paragraphs, divided where blank lines divide it."""
    return "".join([f"<p>{part}</p>" for piece in escaped(text).split("\n\n") if (part := piece.strip())]) if text else ""


def said(title: str, *parts: str) -> dict[str, str]:
    """The narrative with that title."""
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><h1>{escaped(title)}</h1>{"".join(parts)}</div>'}


def line(*facts: tuple[str, str | None]) -> str:
    """One paragraph of labelled facts, those that are there."""
    there = [f"<b>{label}:</b> {escaped(fact)}" for label, fact in facts if fact]
    return f"<p>{'<br/>'.join(there)}</p>" if there else ""


def study(trial: Trial) -> dict[str, Any]:
    """Title, number, state, phase, sponsor, conditions and summary."""
    return said(
        trial.title or study_id(trial),
        line(
            ("Number", trial.id),
            ("Status", trial.status),
            ("Phase", ", ".join(trial.phases or ())),
            ("Sponsor", trial.sponsor.name if trial.sponsor else None),
            ("Conditions", ", ".join(trial.conditions or ())),
        ),
        paragraphs(trial.summary),
    )


def eligibility(trial: Trial) -> dict[str, Any]:
    """Ages, sex and criteria."""
    return said(
        f"Eligibility for {study_id(trial)}",
        line(("From", trial.minimum_age), ("To", trial.maximum_age), ("Sex", trial.sex)),
        paragraphs(trial.criteria),
    )


def protocol(trial: Trial) -> dict[str, Any]:
    """Arms with what they get, and interventions."""
    arms = "".join([f"<li>{escaped(arm.name or 'Arm')}{escaped(': ' + ', '.join(arm.interventions)) if arm.interventions else ''}</li>"
                    for arm in trial.arms or ()])
    given = "".join([f"<li>{escaped(': '.join(filter(None, (one.kind, one.name))) or 'Intervention')}</li>"
                     for one in trial.interventions or ()])
    return said(f"Protocol of {study_id(trial)}", f"<h2>Arms</h2><ul>{arms}</ul>" if arms else "",
                f"<h2>Interventions</h2><ul>{given}</ul>" if given else "")
