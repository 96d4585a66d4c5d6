"""The lists of a meddatax.com page: sponsors, sites, people, publications, identifiers.

An entry of a list is known by the line that ends or names it ("Sponsor Role lead"); what does not fit stays unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import structs

from converter import words
from converter.formats.page import Page, groups, place
from converter.formats.page_lines import Line
from converter.problems import shown
from converter.trial import Contact, Identifier, Organization, Publication, ResponsibleParty, Site

GROUP, TYPE, SPONSOR, RESPONSIBLE, STATUS, ROLE, REFERENCE, ID_TYPE, ID_SOURCE = (
    "Group Type", "Intervention Type", "Sponsor Role", "Responsibility Role", "Site Status", "Role:", "Reference Type",
    "Identifier Type:", "Identifier Source:")
PMID = re.compile(r"(?:PMID: )?([0-9]+) \(View on PubMed\)")
PHONE = re.compile(r"(?=.*[0-9]{2})[^@]{3,40}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
RELATED = re.compile(r"NCT[0-9]{8} [A-Z_]+( [A-Z0-9_/]+)?")
# The lines of each list on a page that prints no labels: the label that each of these values would have
UNLABELLED = {
    "Interventions": {TYPE: words.INTERVENTION_KIND},
    "Sponsors": {SPONSOR: {"lead": "", "collaborator": ""}},
    "Responsible Party": {RESPONSIBLE: words.RESPONSIBLE},
    "Locations": {STATUS: words.STATUS},
    "Central Contacts": {ROLE: words.ROLE},
    "Facility Contacts": {ROLE: {**words.ROLE, "primary": "", "backup": ""}},
    "References": {REFERENCE: words.PUBLICATION_KIND},
    "Other Identifiers": {ID_TYPE: {**words.ID_KIND, "-": ""}, ID_SOURCE: {"org_study_id": "", "secondary_id": ""}},
}


def after(label: str, said: str) -> str | None:
    """What stands behind the label on the same line ("" when nothing does); None when the line has no such label."""
    match = re.fullmatch(rf"{label}(?: +([A-Za-z_]+|-))?", said)
    return (match[1] or "") if match else None


def has(label: str) -> Callable[[str], bool]:
    """Whether a line has the label."""
    return lambda said: after(label, said) is not None


def word_after(page: Page, label: str, line: Line, known: dict[str, str]) -> str | None:
    """The Trial's word for what stands behind the label; the line is crossed off."""
    said = after(label, line.words)
    page.read(line)
    return page.word(line, known, said) if said else None


def label_again(lines: Sequence[Line], labels: dict[str, dict[str, str]]) -> list[Line]:
    """The lines of a page without labels, each value of a closed list with the label that it would have."""
    found = {value: label for label, known in labels.items() for value in known}
    return [Line(line.number, f"{found[line.words]} {line.words}", line.apart) if line.words in found else line
            for line in lines]


def sponsors(page: Page, lines: Sequence[Line]) -> tuple[Organization | None, tuple[Organization, ...] | None]:
    """The sponsor, and the collaborators: name, class, role."""
    lead: Organization | None = None
    others = []
    for group in groups(lines, has(SPONSOR)):
        role = after(SPONSOR, group[-1].words)
        at = next((index for index in range(len(group) - 2, 0, -1) if group[index].words in words.AGENCY),
                  len(group) - 2 if len(group) > 2 else 0)
        if role not in ("lead", "collaborator") or len(group) < 2 or (role == "lead" and lead):
            continue
        page.read(group[-1])
        kind = page.word(group[at], words.AGENCY) if at > 0 else None
        made = Organization(name=page.read(group[max(at - 1, 0)]), kind=kind)
        if role == "lead":
            lead = made
        else:
            others.append(made)
    return lead, tuple(others) or None


def responsible_party(page: Page, lines: Sequence[Line]) -> ResponsibleParty | None:
    """Name, title, kind.  For records older than 2011 the page prints the label of the kind and nothing else."""
    for group in groups(lines, has(RESPONSIBLE)):
        if after(RESPONSIBLE, group[-1].words) is None:
            continue
        kind = word_after(page, RESPONSIBLE, group[-1], words.RESPONSIBLE)
        said = group[:-1]
        if len(said) > 2:
            page.leave(said, f"which of {len(said)} lines is the name, and which the title, cannot be told")
            return ResponsibleParty(kind=kind) if kind else None
        if len(said) == 1:
            page.warn(said[0], f"{shown(said[0].words)} may be a name or a title; it is kept as the name")
        name, title = [*map(page.read, said), None, None][:2]
        return ResponsibleParty(kind=kind, name=name, title=title) if kind or said else None
    return None


def sites(page: Page, lines: Sequence[Line], countries: Sequence[Line],
          people: Sequence[Line]) -> tuple[Site, ...] | None:
    """Facility, place and status of each; the facility may be missing, the status often is.

    The page lists the people of all facilities apart from these: they belong to a site only if there is no other.
    """
    named = f" {' '.join(line.words for line in countries)} "

    def is_place(line: Line) -> bool:
        return ", " in line.words and (not countries or f" {line.words.split(', ')[-1]} " in named)

    found: list[Site] = []
    for group in groups(lines, has(STATUS)):
        said = group[:-1] if after(STATUS, group[-1].words) is not None else group
        pairs: list[tuple[Line | None, Line]]
        if len(said) % 2 == 0 and all(map(is_place, said[1::2])):
            pairs = [(facility, where) for facility, where in zip(said[::2], said[1::2], strict=True)]
        else:
            pairs = [(before if before and not is_place(before) else None, where)
                     for before, where in zip([None, *said], said, strict=False) if is_place(where)]
        found += [structs.replace(place(page, where), facility=page.read(facility) if facility else None)
                  for facility, where in pairs]
        if pairs and len(said) < len(group):
            found[-1] = structs.replace(found[-1], status=word_after(page, STATUS, group[-1], words.STATUS))
    check_countries(page, countries, found)
    if len(found) == 1 and (here := contacts(page, people)):
        page.warn(people[0], "the facility contacts are kept with the only site; the page does not say where they are")
        found[0] = structs.replace(found[0], contacts=here)
    elif len(found) != 1:
        page.leave(people, f"nothing says at which of {len(found)} sites")
    return tuple(found) or None


def check_countries(page: Page, lines: Sequence[Line], found: Sequence[Site]) -> None:
    """The lines are crossed off, unless they name a country where no site is."""
    known = sorted({site.country for site in found if site.country}, key=lambda name: (-len(name), name))
    for line in lines:
        rest = f" {line.words} "
        for country in known:
            rest = rest.replace(f" {country} ", " ", 1)
        if rest.strip():
            page.leave([line], f"{shown(rest.strip())} is a country without a site")
        else:
            page.read(line)


def contacts(page: Page, lines: Sequence[Line]) -> tuple[Contact, ...] | None:
    """Name, role, and telephone or e-mail or both or neither.  A telephone number above a role is no name."""
    found = []
    roles = [index for index, line in enumerate(lines) if after(ROLE, line.words) is not None]
    named = [index for index in roles if index and index - 1 not in roles and not is_way(lines[index - 1].words)]
    ends = [index - (index in named) for index in roles[1:]] + [len(lines)]
    for index, end in zip(roles, ends, strict=False):
        role = word_after(page, ROLE, lines[index], words.ROLE)
        said: dict[str, str] = {}
        for line in lines[index + 1:end]:
            for field, form in (("email", EMAIL), ("phone", PHONE)):
                if form.fullmatch(line.words) and field not in said:
                    said[field] = page.read(line)
                    break
        if index not in named:
            page.warn(lines[index], "no name stands above this role; the contact is kept without one")
        found.append(Contact(name=page.read(lines[index - 1]) if index in named else None, role=role, **said))
    return tuple(found) or None


def is_way(said: str) -> bool:
    """Is it an e-mail address or a telephone number?"""
    return (EMAIL.fullmatch(said) or PHONE.fullmatch(said)) is not None


def publications(page: Page, lines: Sequence[Line]) -> tuple[Publication, ...] | None:
    """Citation, sort, and PubMed number if there is one."""
    found = []
    before: Line | None = None
    for line, following in zip(lines, [*lines[1:], None], strict=False):
        if after(REFERENCE, line.words) is not None:
            pubmed = PMID.fullmatch(following.words) if following else None
            if pubmed and following:
                page.read(following)
            found.append(Publication(citation=page.read(before) if before else None, pmid=pubmed[1] if pubmed else None,
                                     kind=word_after(page, REFERENCE, line, words.PUBLICATION_KIND)))
        before = None if after(REFERENCE, line.words) is not None or PMID.fullmatch(line.words) else line
    return tuple(found) or None


def identifiers(page: Page, lines: Sequence[Line]) -> tuple[Identifier | None, tuple[Identifier, ...] | None]:
    """The organisation's own number, and the others: number, sort ("-" when it has none), and which of the two."""
    own: Identifier | None = None
    others = []
    for group in groups(lines, has(ID_SOURCE)):
        at = next((index for index, line in enumerate(group) if after(ID_TYPE, line.words) is not None), len(group) - 1)
        source = after(ID_SOURCE, group[-1].words)
        if at == 0 or source not in ("org_study_id", "secondary_id") or (source == "org_study_id" and own):
            continue
        page.read(group[-1])
        kind = None
        if (said := after(ID_TYPE, group[at].words)) is not None:
            page.read(group[at])
            kind = word_after(page, ID_TYPE, group[at], words.ID_KIND) if said != "-" else None
        made = Identifier(value=page.read(group[at - 1]), kind=kind)
        if source == "org_study_id":
            own = made
        else:
            others.append(made)
    return own, tuple(others) or None


def related_trials(page: Page, lines: Sequence[Line]) -> None:
    """The trials that the site recommends are crossed off: a title, and "NCT… STATUS PHASE" below it."""
    for group in groups(lines, RELATED.fullmatch):
        if len(group) == 2 and RELATED.fullmatch(group[1].words):
            page.text(group)
