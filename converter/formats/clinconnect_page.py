"""Trial <- a trial's page on clinconnect.io, its text or the saved HTML.

The page numbers every criterion itself and shows no more of a list than that; it says nothing of phase, enrollment,
arms or outcomes.  Its paragraph about the sponsor and its contact are the site's own, not the trial's.
"""

from __future__ import annotations

import re
from typing import Any

from converter import words
from converter.formats import Reading, Writing
from converter.formats.page import Heading, Page, date, each_whole, locate, open_page, place, sections
from converter.formats.page_lines import Line
from converter.problems import refuse, shown
from converter.trial import Milestone, Official, Organization, Trial

NAME = "clinconnect_page"
SITE = "clinconnect.io"
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
STATUS = {label: label for label in words.STATUS.values()}
ROLE = {label: label for label in words.ROLE.values()}
LAUNCHED = re.compile(r"Launched by (.+?)(?: · ([^·]+))?")
CURRENT = re.compile(r"Current as of (.+)")
SEARCHED = re.compile(r"Search / Trial (NCT[0-9]{8})")
LOGO = "ClinConnect ClinConnect Logo"
ABOUT = "About"
PARTS = ("Trial Information", "Keywords", "ClinConnect Summary", "Gender", "Eligibility criteria", ABOUT, "Contacts",
         "Locations", "Patients applied", "Trial Officials", "Timeline", "Similar Trials")
NEEDED = ("Trial Information", "ClinConnect Summary", "Eligibility criteria", "Timeline")
CRITERIA = re.compile(r"(?:-\s*)?(?:•\s*)?((?:Inclusion|Exclusion) Criteria):?", re.IGNORECASE)
BULLET = re.compile(r"\s*(?:-\s*)?•\s*")
MOMENTS = ("First submit", "Trial launched", "Trial updated", "Estimated completion")


class ClinConnectPage:
    """The format: read only."""

    name = NAME
    locate = staticmethod(locate)

    def read(self, document: bytes) -> Reading:
        """The trial of one page, every line accounted for.  Raises Problems when it is no such page, or not whole."""
        page = open_page(document, SITE)
        about = about_line(page)
        parts = sections(page, [Heading(about.words if about and part == ABOUT else part) for part in PARTS])
        whole(page, parts)
        found = header(page, parts[""], about)
        information(page, parts["Trial Information"], found)
        found["keywords"] = each_whole(page, parts.get("Keywords", []), "keyword")
        found["summary"] = page.text(parts["ClinConnect Summary"])
        if lines := parts.get("Gender", []):
            found["sex"] = page.word(likely(lines, words.SEX), words.SEX)
        found["criteria"] = criteria(page, parts["Eligibility criteria"])
        own_text(page, parts.get(about.words, []) if about else [], parts.get("Contacts", []), about)
        found["sites"] = tuple(place(page, line) for line in parts.get("Locations", [])) or None
        found["officials"] = officials(page, parts.get("Trial Officials", []))
        timeline(page, parts["Timeline"], found)
        return page.reading(Trial(source=NAME, **found))

    def write(self, trial: Trial) -> Writing:
        """Raises Problems: nobody writes a web page."""
        raise refuse(f"{NAME} is only read; choose another format to write")


FORMAT = ClinConnectPage()


def whole(page: Page, parts: dict[str, list[Line]]) -> None:
    """The page is of this layout and was not cut off.  Raises Problems."""
    missing = [part for part in NEEDED if part not in parts]
    if "Trial Information" in missing:
        raise refuse(f"no line says 'Trial Information'; expected a trial's page of {SITE}, its text or the saved HTML. "
                     "If this is a page of another site, name its format")
    if missing:
        last = page.lines[-1]
        raise refuse(f"the page ends with {shown(last.words)}, and no line says {' or '.join(map(repr, missing))}; "
                     "it is cut off. Save the whole page again", f"line {last.number}")
    for part in PARTS:
        if part not in (*parts, ABOUT, "Similar Trials"):
            page.warn(page.lines[0], f"the page has no heading {part!r}, which every page has; what stood below it is taken for "
                                     "part of the section before")
    if "Similar Trials" not in parts:
        page.warn(page.lines[-1], "the page ends before 'Similar Trials', its last heading; it may be cut off")


def about_line(page: Page) -> Line | None:
    """The heading "About" and the sponsor: the one with the launcher's name, else the last above the contacts."""
    launcher = next((match[1] for line in page.lines if (match := LAUNCHED.fullmatch(line.words))), "")
    found = None
    for line in page.lines:
        if line.words == "Contacts" and found:
            return found
        if line.words.startswith(f"{ABOUT} "):
            found = line
            if line.words.removeprefix(f"{ABOUT} ").upper() == launcher.upper():
                return line
    return found


def header(page: Page, lines: list[Line], about: Line | None) -> dict[str, Any]:
    """Title, sponsor and date of the first submission; in one variant also the number."""
    found: dict[str, Any] = {}
    title: Line | None = None
    for line in lines:
        if line.words == LOGO:
            page.read(line)
        elif (match := SEARCHED.fullmatch(line.words)) and "id" not in found:
            page.read(line)
            found["id"] = match[1]
        elif (match := LAUNCHED.fullmatch(line.words)) and "sponsor" not in found:
            found["sponsor"] = sponsor(page, line, match[1], about)
            found["first_submitted"] = calendar_date(match[2] or "")
            found["title"] = page.read(title) if title else None
            if found["first_submitted"] is None:
                page.leave([line], f"its date, {shown(match[2])}, is not one such as 'Jul 15, 2016'")
            else:
                page.read(line)
        else:
            title = line
    return found


def sponsor(page: Page, line: Line, printed: str, about: Line | None) -> Organization:
    """The sponsor as the heading of its own paragraph spells it; the line with the date is in upper case."""
    spelled = about.words.removeprefix(ABOUT).strip() if about else ""
    if spelled.upper() == printed.upper():
        return Organization(name=spelled)
    other = f"the page goes on with {shown(about.words)}" if about else "there is no heading 'About' to spell it"
    page.warn(line, f"the sponsor {shown(printed)} is kept as printed, in upper case: {other}")
    return Organization(name=printed)


def information(page: Page, lines: list[Line], found: dict[str, Any]) -> None:
    """The date of the page and the status are found."""
    rest = []
    for line in lines:
        match = CURRENT.fullmatch(line.words)
        if match and "update_posted" not in found and (current := calendar_date(match[1])):
            page.read(line)
            found["update_posted"] = Milestone(date=current)
        elif match:
            page.leave([line], f"{shown(match[1])} is not a date such as 'July 15, 2016'")
        else:
            rest.append(line)
    if rest:
        found["status"] = page.word(likely(rest, STATUS), STATUS)


def likely(lines: list[Line], known: dict[str, str]) -> Line:
    """The first line that says a word of the list, or the first at all."""
    return next((line for line in lines if line.words in known), lines[0])


def criteria(page: Page, lines: list[Line]) -> str | None:
    """The criteria as the registry writes them: a heading, a blank line, the list."""
    lists: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        said = page.read(line)
        if match := CRITERIA.fullmatch(said):
            lists.append((f"{match[1]}:\n\n", []))
        elif bullet := BULLET.match(said):
            item = said[bullet.end():]
            lists[-1][1].append(item if re.match(r"[0-9]+\. ", item) else f"* {item}")
        else:
            lists[-1][1].append(said)
    return "\n\n".join(heading + "\n".join(items) for heading, items in lists if items) or None


def own_text(page: Page, blurb: list[Line], contact: list[Line], about: Line | None) -> None:
    """What the site says for itself is crossed off: a paragraph that praises the sponsor, and a contact of its own.

    Where there is more than that, it cannot be told by its place: what does not name the sponsor stays unread.
    """
    name = about.words.removeprefix(ABOUT).strip() if about else ""
    for line in blurb:
        if len(blurb) == 1 or name in line.words:
            page.read(line)
    if len(contact) == 2 and " at " in contact[1].words:
        for line in contact:
            page.read(line)
    page.leave(contact, "the contact that the site shows here is a name and 'department at institute'")


def officials(page: Page, lines: list[Line]) -> tuple[Official, ...] | None:
    """Name, role, affiliation; the roles are known words and tell where each begins."""
    roles = [index for index, line in enumerate(lines) if line.words in ROLE]
    if not roles and len(lines) % 3 == 0:
        roles = list(range(1, len(lines), 3))
    found = []
    for index in roles:
        if index > 0 and index - 1 not in roles:
            after = index + 1 if index + 1 < len(lines) and not {index + 1, index + 2} & set(roles) else None
            found.append(Official(name=page.read(lines[index - 1]), role=page.word(lines[index], ROLE),
                                  affiliation=page.read(lines[after]) if after else None))
    return tuple(found) or None


def timeline(page: Page, lines: list[Line], found: dict[str, Any]) -> None:
    """The estimated completion is found.  The other moments are read where they say again what stands above."""
    updated = found.get("update_posted", Milestone()).date
    above = {"First submit": found.get("first_submitted"), "Trial updated": updated}
    label = ""
    for line in lines:
        said = calendar_date(line.words)
        if line.words in MOMENTS and line.words != label:
            label = page.read(line)
        elif label == MOMENTS[-1] and "completion" not in found and (said or line.words == "Not reported"):
            page.read(line)
            found["completion"] = Milestone(date=said, kind="Estimated") if said else Milestone(not_reported=True)
        elif said and said == above.get(label):
            page.read(line)


def calendar_date(said: str) -> str | None:
    """The ISO date of "Jul 15, 2016", "September 07, 2025" or "Jul 2016", if there is such a day."""
    match = re.fullmatch(r"([A-Z][a-z]{2,})\.?(?: ([0-9]{1,2}),)? ([0-9]{4})", said)
    number = next((at for at, month in enumerate(MONTHS, 1) if match and month.startswith(match[1])), None)
    if not match or not number:
        return None
    return date(f"{match[3]}-{number:02}" + (f"-{int(match[2]):02}" if match[2] else ""))
