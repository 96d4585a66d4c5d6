"""What a registry adds to a trial, and no release of FHIR has a place for: extensions of ours on a ResearchStudy.

Each is structured, and defined by a StructureDefinition that `mappings.profiles` writes from these rows.
"""

from __future__ import annotations

from typing import Any

from converter.codec import each, only
from converter.place import Entries
from mappings.datatypes import date_, decimal, row
from mappings.extensions import Shape, own
from mappings.parts import BRANCH, COMMENTS_POSTED, LEAF, MESH, SUBMISSION, UNPOSTED_EVENT, VIOLATION

DATE = {"kind": "String", "date": "Date"}
SUBMISSION_SHAPE = {
    "released": "Date", "unreleased": "Date", "unreleasedUnknown": "Boolean", "reset": "Date", "majorComments": "UnsignedInt",
}
VIOLATION_SHAPE = {
    "kind": "String", "description": "String", "created": "Date", "issued": "Date", "released": "Date", "posted": "Date",
}
LEAF_SHAPE = {"id": "String", "name": "String", "asFound": "String", "relevance": "String"}
BRANCH_SHAPE = {"abbreviation": "String", "name": "String"}


def on_study(field: str, name: str, shape: Shape, codec: Any) -> Any:
    """A field in an extension of that name and shape."""
    return row(field, Entries(own(name, shape, "ResearchStudy")), codec)


REGISTRY_FACTS = (
    on_study("results_expected",        "results-expected",         "Date",                             only(date_)),
    on_study("major_comments_posted",   "major-comments-posted",    {"date": "Date", "kind": "String", "notReported": "Boolean"},
                                                                                                        only(COMMENTS_POSTED)),
    on_study("submissions",             "results-submission",       SUBMISSION_SHAPE,                   each(SUBMISSION)),
    on_study("unposted_events",         "unposted-event",           {**DATE, "dateUnknown": "Boolean"}, each(UNPOSTED_EVENT)),
    on_study("violations",              "violation",                VIOLATION_SHAPE,                    each(VIOLATION)),
    on_study("predicted_bmi_minimum",   "predicted-bmi-minimum",    "Decimal",                          only(decimal)),
    on_study("predicted_bmi_maximum",   "predicted-bmi-maximum",    "Decimal",                          only(decimal)),
    on_study("condition_ancestors",     "condition-ancestor",       "Coding",                           each(MESH)),
    on_study("condition_leaves",        "condition-topic",          LEAF_SHAPE,                         each(LEAF)),
    on_study("condition_branches",      "condition-branch",         BRANCH_SHAPE,                       each(BRANCH)),
    on_study("intervention_ancestors",  "intervention-ancestor",    "Coding",                           each(MESH)),
    on_study("intervention_leaves",     "intervention-topic",       LEAF_SHAPE,                         each(LEAF)),
    on_study("intervention_branches",   "intervention-branch",      BRANCH_SHAPE,                       each(BRANCH)),
)
