"""Trial <- a trial's page on meddatax.com, its text or the saved HTML.

The page prints the registry's own words ("ACTIVE_NOT_RECRUITING") under headings of its own.  Another variant of the
same page has lost its title and every small label; there a value is read only when its words leave no doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from converter import words
from converter.formats import Reading, Writing
from converter.formats.meddatax_groups import arms, interventions, label_groups_again
from converter.formats.meddatax_parts import (
    UNLABELLED,
    contacts,
    identifiers,
    label_again,
    publications,
    related_trials,
    responsible_party,
    sites,
    sponsors,
)
from converter.formats.page import Heading, Page, date, each_whole, labelled, locate, open_page, recognized, sections
from converter.formats.page_lines import Line
from converter.problems import refuse, shown
from converter.trial import Enrollment, Milestone, Trial

NAME = "meddatax_page"
SITE = "meddatax.com"
RELATED_TRIALS = ("More Related Trials", "Related Clinical Trials")
HEADINGS = (
    Heading("Study Results"),
    Heading("Basic Information", "Get a concise snapshot of the trial, including recruitment status, study phase, "
                                 "enrollment targets, and key timeline milestones."),
    Heading("Brief Summary", "Review the sponsor-provided synopsis that highlights what the study is about and why it "
                             "is being conducted."),
    Heading("Detailed Description", "Dive into the extended narrative that explains the scientific background, "
                                    "objectives, and procedures in greater depth."),
    Heading("Conditions", "See the medical conditions and disease areas that this research is targeting or "
                          "investigating."),
    Heading("Study Design", "Understand how the trial is structured, including allocation methods, masking strategies, "
                            "primary purpose, and other design elements."),
    Heading("Study Groups", "Review each arm or cohort in the study, along with the interventions and objectives "
                            "associated with them."),
    Heading("Interventions", "Learn about the drugs, procedures, or behavioral strategies being tested and how they "
                             "are applied within this trial."),
    Heading("Eligibility Criteria", "Check the participation requirements, including inclusion and exclusion rules, "
                                    "age limits, and whether healthy volunteers are accepted."),
    Heading("Sponsors", "Meet the organizations funding or collaborating on the study and learn about their roles."),
    Heading("Responsible Party", "Identify the individual or organization who holds primary responsibility for the "
                                 "study information submitted to regulators."),
    Heading("Locations", "Explore where the study is taking place and check the recruitment status at each "
                         "participating site."),
    Heading("Countries", "Review the countries where the study has at least one active or historical site."),
    Heading("Central Contacts", "Reach out to these primary contacts for questions about participation or study "
                                "logistics."),
    Heading("Facility Contacts", "Find local site contact details for specific facilities participating in the trial."),
    Heading("References", "Explore related publications, articles, or registry entries linked to this study."),
    Heading("Other Identifiers", "Review additional registry numbers or institutional identifiers associated with this "
                                 "trial."),
    *(Heading(text, "Additional clinical trials that may be relevant based on similarity analysis.", anywhere=True)
      for text in RELATED_TRIALS),
)
RESULTS = {"Results pending": False, "Results available": True}
RESULTS_ARE = (
    ("The study team has not published outcome measurements, participant flow, or safety data for this trial yet. "
     "Check back later for updates."),
    ("Outcome measurements, participant flow, baseline characteristics, and adverse events have been published for "
     "this study."),
)
VIEW_RESULTS = "View full results"
ID = re.compile(r"NCT ID: (NCT[0-9]{8})")
UPDATED = re.compile(r"(?:Last Updated: )?([0-9-]+)")
ENROLLED = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+) participants?")
PHASES = re.compile(f"(?:{'|'.join(words.PHASE)})(?:/(?:{'|'.join(words.PHASE)}))*")
AGE = re.compile(r"[0-9]+ (?:Year|Month|Week|Day|Hour|Minute)s?")
WHO = {"Participants": "Participant", "Caregivers": "Care Provider", "Investigators": "Investigator",
       "Outcome Assessors": "Outcomes Assessor"}
WHO_MASKED = re.compile(f"(?:{'|'.join(WHO)})(?: (?:{'|'.join(WHO)}))*")
YES_NO = {"Yes": True, "No": False}
INCLUSION, EXCLUSION = "Inclusion Criteria", "Exclusion Criteria"
# label: field of the Trial, list of words
DESIGN = {
    "Allocation Method": ("allocation", words.ALLOCATION),
    "Intervention Model": ("intervention_model", words.INTERVENTION_MODEL),
    "Primary Study Purpose": ("primary_purpose", words.PURPOSE),
    "Blinding Strategy": ("masking", words.MASKING),
    "Observational Model Type": ("observational_model", words.OBSERVATIONAL_MODEL),
    "Study Time Perspective": ("time_perspective", words.TIME_PERSPECTIVE),
}
Form = Callable[[str], Any]
BASIC: dict[str, Form] = {
    "Recruitment Status": words.STATUS.__contains__, "Clinical Phase": PHASES.fullmatch,
    "Total Enrollment": ENROLLED.fullmatch, "Study Classification": words.STUDY_TYPE.__contains__,
    "Study Start Date": date, "Study Completion Date": date,
}
WHO_MAY: dict[str, Form] = {
    "Minimum Eligible Age": AGE.fullmatch, "Maximum Eligible Age": AGE.fullmatch,
    "Eligible Sex": words.SEX.__contains__, "Accepts Healthy Volunteers": YES_NO.__contains__,
}


class MedDataXPage:
    """The format: read only."""

    name = NAME
    locate = staticmethod(locate)

    def read(self, document: bytes) -> Reading:
        """The trial of one page, every line accounted for.  Raises Problems when it is no such page, or not whole."""
        page = open_page(document, SITE)
        found = sections(page, HEADINGS)
        whole(page, found)
        fields = header(page, found[""])
        bare = without_labels(found.get("Basic Information", []))

        def lines(heading: str) -> Sequence[Line]:
            below = found.get(heading, [])
            return label_again(below, UNLABELLED[heading]) if bare and heading in UNLABELLED else below

        results(page, lines("Study Results"), fields)
        basic(page, values(page, lines("Basic Information"), BASIC, bare), fields)
        fields["summary"] = page.text(lines("Brief Summary"))
        fields["description"] = page.text(lines("Detailed Description"))
        fields["conditions"] = each_whole(page, lines("Conditions"), "condition")
        design(page, lines("Study Design"), bare, fields)
        given = interventions(page, lines("Interventions"))
        groups = lines("Study Groups")
        fields["arms"] = arms(page, label_groups_again(groups, {one.name for one in given}) if bare else groups, given)
        fields["interventions"] = tuple(one.made() for one in given) or None
        eligibility(page, lines("Eligibility Criteria"), bare, fields)
        fields["sponsor"], fields["collaborators"] = sponsors(page, lines("Sponsors"))
        fields["responsible_party"] = responsible_party(page, lines("Responsible Party"))
        fields["contacts"] = contacts(page, lines("Central Contacts"))
        fields["sites"] = sites(page, lines("Locations"), lines("Countries"), lines("Facility Contacts"))
        fields["publications"] = publications(page, lines("References"))
        fields["protocol_id"], fields["secondary_ids"] = identifiers(page, lines("Other Identifiers"))
        for heading in RELATED_TRIALS:
            related_trials(page, lines(heading))
        return page.reading(Trial(source=NAME, **fields))

    def write(self, trial: Trial) -> Writing:
        """Raises Problems: nobody writes a web page."""
        raise refuse(f"{NAME} is only read; choose another format to write")


FORMAT = MedDataXPage()


def whole(page: Page, found: dict[str, list[Line]]) -> None:
    """The page is of this layout and was not cut off.  Raises Problems."""
    if "Basic Information" not in found and "Brief Summary" not in found:
        raise refuse(f"no line says 'Basic Information' or 'Brief Summary'; expected a trial's page of {SITE}, its "
                     "text or the saved HTML. If this is a page of another site, name its format")
    if "Other Identifiers" not in found:
        last = page.lines[-1]
        raise refuse(f"the page ends with {shown(last.words)}, and no line says 'Other Identifiers', which every page "
                     "has near its end; it is cut off. Save the whole page again", f"line {last.number}")
    for heading in ("Basic Information", "Brief Summary", "Detailed Description", "Conditions", "Study Design",
                    "Eligibility Criteria", "Sponsors"):
        if heading not in found:
            page.warn(page.lines[0], f"the page has no heading {heading!r}, which every page has")
    if not any(ID.fullmatch(line.words) for line in found[""]):
        page.warn(page.lines[0], "the page does not say which trial it is; expected 'NCT ID: NCT…' below its title")


def without_labels(lines: Sequence[Line]) -> bool:
    """True of the variant that has lost its small labels, as the section shows that every page has."""
    return bool(lines) and not any(line.words in BASIC for line in lines)


def header(page: Page, lines: Sequence[Line]) -> dict[str, Any]:
    """Number, date of the last update and, above the number, the title."""
    fields: dict[str, Any] = {}
    for before, line in zip([None, *lines], lines, strict=False):
        if (match := ID.fullmatch(line.words)) and "id" not in fields:
            page.read(line)
            fields["id"] = match[1]
            fields["title"] = page.read(before) if before else None
        elif (match := UPDATED.fullmatch(line.words)) and date(match[1]) and "update_posted" not in fields:
            page.read(line)
            fields["update_posted"] = Milestone(date=match[1])
    return fields


def results(page: Page, lines: Sequence[Line], fields: dict[str, Any]) -> None:
    """Whether the registry has results is found; sentence and link are crossed off."""
    for line in lines:
        if line.words in RESULTS and "has_results" not in fields:
            fields["has_results"] = RESULTS[page.read(line)]
        elif line.words in RESULTS_ARE or line.words == VIEW_RESULTS:
            page.read(line)


def values(page: Page, lines: Sequence[Line], forms: dict[str, Form], bare: bool) -> dict[str, Line]:
    """The line of each label's value; where the page has no labels, as far as the value tells."""
    return recognized(lines, forms) if bare else labelled(page, lines, forms)


def basic(page: Page, said: dict[str, Line], fields: dict[str, Any]) -> None:
    """Status, phases, enrollment, sort of study and both dates are found."""
    for label, line in said.items():
        if label == "Recruitment Status":
            fields["status"] = page.word(line, words.STATUS)
        elif label == "Study Classification":
            fields["study_type"] = page.word(line, words.STUDY_TYPE)
        elif label == "Clinical Phase":
            fields["phases"] = tuple(page.word(line, words.PHASE, phase) for phase in line.words.split("/"))
        elif label == "Total Enrollment" and (match := ENROLLED.fullmatch(line.words)):
            page.read(line)
            fields["enrollment"] = Enrollment(count=int(match[1].replace(",", "")))
        elif label.endswith("Date") and date(line.words):
            fields["start" if "Start" in label else "completion"] = Milestone(date=page.read(line))
        else:
            page.leave([line], f"it is not a value of {label!r}")


def design(page: Page, lines: Sequence[Line], bare: bool, fields: dict[str, Any]) -> None:
    """The words of the design are found, and who is masked."""
    possible = {"Interventional": tuple(DESIGN)[:4], "Observational": tuple(DESIGN)[4:]}
    labels = possible.get(fields.get("study_type", ""), tuple(DESIGN)) if bare else tuple(DESIGN)
    forms: dict[str, Form] = {label: DESIGN[label][1].__contains__ for label in labels}
    for label, line in values(page, lines, forms, bare).items():
        field, known = DESIGN[label]
        fields[field] = page.word(line, known)
    masked = [line for line in lines if WHO_MASKED.fullmatch(line.words)]
    fields["who_masked"] = tuple(WHO[who] for line in masked
                                 for who in re.findall("|".join(WHO), page.read(line))) or None


def eligibility(page: Page, lines: Sequence[Line], bare: bool, fields: dict[str, Any]) -> None:
    """The criteria as the registry writes them are found, ages, sex, and whether healthy volunteers are accepted."""
    if bare:
        end = len(lines)
        while end and any(form(lines[end - 1].words) for form in WHO_MAY.values()):
            end -= 1
    else:
        end = next((index for index, line in enumerate(lines) if line.words in WHO_MAY), len(lines))
    fields["criteria"] = criteria(page, lines[:end])
    for label, line in values(page, lines[end:], WHO_MAY, bare).items():
        if label == "Eligible Sex":
            fields["sex"] = page.word(line, words.SEX)
        elif not WHO_MAY[label](line.words):
            page.leave([line], f"it is not a value of {label!r}")
        elif label == "Accepts Healthy Volunteers":
            fields["healthy_volunteers"] = YES_NO[page.read(line)]
        else:
            fields["minimum_age" if "Min" in label else "maximum_age"] = page.read(line)


def criteria(page: Page, lines: Sequence[Line]) -> str | None:
    """Inclusion and exclusion criteria, each below its heading; without headings the text as it stands."""
    parts: list[tuple[str, list[Line]]] = [("", [])]
    for line in lines:
        if line.words in (INCLUSION, EXCLUSION) and line.words not in dict(parts):
            parts.append((page.read(line), []))
        else:
            parts[-1][1].append(line)
    if len(parts) == 1:
        return page.text(lines)
    return "\n\n".join(f"{heading}:\n\n{text}" for heading, below in parts[1:] if (text := page.text(below))) or None
