"""The study groups and the interventions of a meddatax.com page, which describe each other.

A group repeats the description of each intervention that it gets; only the section of the interventions tells where
such a description ends and the next group begins.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from converter import words
from converter.formats.meddatax_parts import GROUP, TYPE, after, has, label_again, word_after
from converter.formats.page import Page, alike, below, each_whole, groups
from converter.formats.page_lines import Line
from converter.trial import Arm, Intervention

NO_INTERVENTIONS = "No interventions assigned to this group"
OTHER_NAMES = "Other Intervention Names"
OTHER_NAMES_ARE = ("Discover alternative or legacy names that may be used to describe the listed interventions "
                   "across different sources.")


class Given(Struct):
    """An intervention as its own section describes it, and the arms that turn out to get it."""

    name: str
    kind: str | None
    described: Sequence[Line]
    description: str | None
    arms: list[str]
    other_names: tuple[str, ...] | None = None

    @property
    def label(self) -> str:
        """How an arm names it."""
        return f"{self.kind}: {self.name}" if self.kind else self.name

    def made(self) -> Intervention:
        """The intervention of the Trial, its arms by name as the registry has them."""
        return Intervention(name=self.name, kind=self.kind, description=self.description,
                            arms=tuple(sorted(self.arms)) or None, other_names=self.other_names)


def label_groups_again(lines: Sequence[Line], names: set[str]) -> list[Line]:
    """The same for the study groups, where "OTHER" below the name of an intervention is what sort that is."""
    found = []
    for before, line in zip([None, *lines], lines, strict=False):
        known = words.INTERVENTION_KIND if before and before.words in names else words.ARM_KIND
        found += label_again([line], {TYPE if known is words.INTERVENTION_KIND else GROUP: known})
    return found


def interventions(page: Page, lines: Sequence[Line]) -> list[Given]:
    """Name, description and sort of each; the names that others use stand once, below all of them."""
    cut = next((index for index, line in enumerate(lines) if line.words == OTHER_NAMES), len(lines))
    found = []
    for group in groups(lines[:cut], has(TYPE)):
        if len(group) > 1 and after(TYPE, group[-1].words) is not None:
            found.append(Given(page.read(group[0]), word_after(page, TYPE, group[-1], words.INTERVENTION_KIND),
                               group[1:-1], page.text(group[1:-1]), []))
    if cut < len(lines):
        page.read(lines[cut])
        names = below(page, lines[cut + 1:], OTHER_NAMES_ARE)
        if len(found) == 1:
            found[0].other_names = each_whole(page, names, "other name")
        else:
            page.leave(names, f"nothing says whose other name it is, of {len(found)} interventions")
    return found


def arms(page: Page, lines: Sequence[Line], given: list[Given]) -> tuple[Arm, ...] | None:
    """Label, description and sort of each group, and what it gets; each intervention in `given` learns its arms."""
    found = []
    at = 0
    while at < len(lines):
        ends = next_labelled(lines, at)
        # A cohort has no line "Group Type": its description ends above the name of its first intervention.
        until = ends - 1 if ends < len(lines) and after(TYPE, lines[ends].words) is not None else ends
        if ends == len(lines) or until <= at:
            page.leave(lines[at:], "no group can be made out here")
            break
        name, description = page.read(lines[at]), page.text(lines[at + 1:until])
        kind, gets, at = None, [], until
        if after(GROUP, lines[at].words) is not None:
            kind, at = word_after(page, GROUP, lines[at], words.ARM_KIND), at + 1
        while at + 1 < len(lines) and after(TYPE, lines[at + 1].words) is not None:
            sort = word_after(page, TYPE, lines[at + 1], words.INTERVENTION_KIND)
            gotten = Given(page.read(lines[at]), sort, (), None, [])
            same, at = described_again(page, lines, at + 2, [one for one in given if one.label == gotten.label])
            if same is None:
                given.append(same := gotten)
            same.arms.append(name)
            gets.append(same.label)
        if at < len(lines) and lines[at].words == NO_INTERVENTIONS:
            page.read(lines[at])
            at += 1
        found.append(Arm(name=name, kind=kind, description=description, interventions=tuple(gets) or None))
    return tuple(found) or None


def next_labelled(lines: Sequence[Line], at: int) -> int:
    """The next line that tells something of a group by its label."""
    for index in range(at, len(lines)):
        said = lines[index].words
        if said == NO_INTERVENTIONS or after(GROUP, said) is not None or after(TYPE, said) is not None:
            return index
    return len(lines)


def described_again(page: Page, lines: Sequence[Line], at: int, same: list[Given]) -> tuple[Given | None, int]:
    """Which intervention it is, and where its description ends that a group repeats.

    Nothing else tells a description from the label of the next group.  One strange line in between stays unread.
    """
    run = lines[at:next_labelled(lines, at)]
    for one in sorted(same, key=lambda one: -len(one.described)):
        wanted = [line.words for line in one.described]
        for length in range(len(wanted), min(len(wanted) + 1, len(run)) + 1):
            taken = [line for line in run[:length] if line.words in wanted]
            if [line.words for line in taken] == wanted and (not wanted or run[length - 1] in taken):
                page.text(taken)
                return one, at + (length if wanted else 0)
    for one in same:
        if run and one.described and alike(run[0].words, one.described[0].words):
            page.leave(run[:1], "the section 'Interventions' describes it in other words")
            return one, at + 1
    return (same[0] if same else None), at
