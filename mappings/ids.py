"""The ids within a resource: of its elements, and those to which a narrative leads.

https://hl7.org/fhir/R5/element.html#id, …/narrative.html#id
"""

from __future__ import annotations

from typing import Any

from converter.problems import shown
from mappings.invariants.presence import below
from mappings.looking import Look, Path
from mappings.xhtml import within


def element_id(id: Any, look: Look, path: Path) -> None:
    """The id of an element: without blanks, and the only one of its resource.  https://hl7.org/fhir/R5/element.html#id"""
    if id.__class__ is str:
        if id in look.ids:
            look.say((path, "id"), f"{shown(id)} is the id of another element too", "element.html#id")
        elif len(id.split()) != 1:
            look.say((path, "id"), f"expected an id without blanks, found {shown(id)}", "element.html#id")
        look.ids.add(id)


def links(div: Any, look: Look, path: Path) -> None:
    """Links within a narrative lead to an id of it or of its resource, and its ids are unique."""
    led, twice = within(div) if div.__class__ is str else ((), ())
    for one in twice:
        look.say((path, "div"), f"has the id {shown(one)} more than once", "narrative.html", "warning")
    if led:
        there = {value for name, value in below(look.around.root) if name == "id"}
        for one in led:
            if one not in there:
                look.say((path, "div"), f"leads to {shown('#' + one)}; nothing in it or in its resource is called so", "narrative.html#id")
