"""The rules of a Bundle and its entries.  https://hl7.org/fhir/R5/bundle.html#invs"""

from __future__ import annotations

from typing import Any

from mappings.invariants.presence import Around, each, exists, has_value, part

ASKED = ("batch", "transaction", "history")
ANSWERED = ("batch-response", "transaction-response", "history")
COLLECTED = ("document", "message", "searchset", "collection")
WRITES = ("POST", "PATCH", "PUT")
"""The methods that come with a resource."""


def bdl_1(tree: Any, around: Around) -> bool:
    """Total only when a search or history."""
    return not exists(tree, "total") or tree.get("type") in ("searchset", "history")


def bdl_2(tree: Any, around: Around) -> bool:
    """entry.search only when a search."""
    return part(tree, "type") == "searchset" or not any(exists(entry, "search") for entry in each(tree, "entry"))


def bdl_3(tree: Any, around: Around) -> bool:
    """entry.request mandatory for batch, transaction and history, otherwise prohibited (R4, R4B)."""
    asked = part(tree, "type") in ASKED
    return all(exists(entry, "request") == asked for entry in each(tree, "entry"))


def bdl_3a(tree: Any, around: Around) -> bool:
    """All entries of a document, message, searchset or collection must contain resources, and no request or response."""
    return part(tree, "type") not in COLLECTED or all(
        exists(entry, "resource") and not exists(entry, "request") and not exists(entry, "response") for entry in each(tree, "entry"))


def bdl_3b(tree: Any, around: Around) -> bool:
    """All entries of a history must have a request and a response, and a resource if the method is POST, PUT or PATCH."""
    return part(tree, "type") != "history" or all(
        exists(entry, "request") and exists(entry, "response") and comes_with_resource(entry) for entry in each(tree, "entry"))


def bdl_3c(tree: Any, around: Around) -> bool:
    """All entries of a transaction or batch must have a method, and a resource if the method is POST, PUT or PATCH."""
    return part(tree, "type") not in ("transaction", "batch") or all(
        exists(entry.get("request"), "method") and comes_with_resource(entry) for entry in each(tree, "entry"))


def bdl_3d(tree: Any, around: Around) -> bool:
    """All entries of a transaction-response or batch-response must have a response."""
    return part(tree, "type") not in ("transaction-response", "batch-response") or all(
        exists(entry, "response") for entry in each(tree, "entry"))


def bdl_4(tree: Any, around: Around) -> bool:
    """entry.response mandatory for batch-response, transaction-response and history, otherwise prohibited (R4, R4B)."""
    answered = part(tree, "type") in ANSWERED
    return all(exists(entry, "response") == answered for entry in each(tree, "entry"))


def bdl_5(tree: Any, around: Around) -> bool:
    """Must be a resource unless there is a request or response."""
    return not isinstance(tree, dict) or any(exists(tree, name) for name in ("resource", "request", "response"))


def entry_url(tree: Any, around: Around) -> bool:
    """An entry has a full URL, without which nothing can refer to its resource."""
    return not exists(tree, "resource") or exists(tree, "fullUrl")


def bdl_7(tree: Any, around: Around) -> bool:
    """FullUrl must be unique in a Bundle, or entries with the same must have different meta.versionId (except in history)."""
    if part(tree, "type") == "history":
        return True
    urls = [f"{entry.get('fullUrl')}{part(part(entry.get('resource'), 'meta'), 'versionId') or ''}"
            for entry in each(tree, "entry") if has_value(entry.get("fullUrl"))]
    return len(set(urls)) == len(urls)


def bdl_8(tree: Any, around: Around) -> bool:
    """fullUrl cannot be a version specific reference."""
    url = part(tree, "fullUrl")
    return not isinstance(url, str) or "/_history/" not in url


def bdl_9(tree: Any, around: Around) -> bool:
    """A document must have an identifier with a system and a value."""
    if part(tree, "type") != "document":
        return True
    identifier = tree.get("identifier")
    return exists(identifier, "system") and exists(identifier, "value")


def bdl_10(tree: Any, around: Around) -> bool:
    """A document must have a date."""
    return part(tree, "type") != "document" or has_value(tree.get("timestamp"))


def bdl_11(tree: Any, around: Around) -> bool:
    """A document must have a Composition as the first resource."""
    return part(tree, "type") != "document" or begins_with(tree, "Composition")


def bdl_12(tree: Any, around: Around) -> bool:
    """A message must have a MessageHeader as the first resource."""
    return part(tree, "type") != "message" or begins_with(tree, "MessageHeader")


def bdl_13(tree: Any, around: Around) -> bool:
    """A subscription-notification must have a SubscriptionStatus as the first resource."""
    return part(tree, "type") != "subscription-notification" or begins_with(tree, "SubscriptionStatus")


def bdl_14(tree: Any, around: Around) -> bool:
    """Entry.request.method PATCH not allowed for history.

    Of every entry, as the sentence says; the expression compares only where there is one.
    """
    return part(tree, "type") != "history" or not any(
        part(entry.get("request"), "method") == "PATCH" for entry in each(tree, "entry"))


def bdl_15(tree: Any, around: Around) -> bool:
    """Entries SHALL have a fullUrl, but in a transaction or batch, in a response to one, and for a POST."""
    return part(tree, "type") in ("transaction", "transaction-response", "batch", "batch-response") or all(
        exists(entry, "fullUrl") or part(entry.get("request"), "method") == "POST" for entry in each(tree, "entry"))


def bdl_16(tree: Any, around: Around) -> bool:
    """Issue.severity for all issues within the OperationOutcome must be either information or warning.

    Of every issue, as the sentence says; the expression compares only where there is one.
    """
    return all(issue.get("severity") in ("information", "warning") for issue in each(part(tree, "issues"), "issue"))


def bdl_17(tree: Any, around: Around) -> bool:
    """Use and meaning of issues for documents has not been validated because the content will not be rendered in the document."""
    return part(tree, "type") != "document" or not exists(tree, "issues")


def bdl_18(tree: Any, around: Around) -> bool:
    """Self link is required for searchsets."""
    return part(tree, "type") != "searchset" or any(
        link.get("relation") == "self" and exists(link, "url") for link in each(tree, "link"))


def comes_with_resource(entry: dict[str, Any]) -> bool:
    """Is there a resource exactly where the method comes with one?"""
    return (part(entry.get("request"), "method") in WRITES) == exists(entry, "resource")


def begins_with(bundle: Any, kind: str) -> bool:
    """Is the first entry's resource of that type?"""
    entries = each(bundle, "entry")
    return bool(entries) and part(entries[0].get("resource"), "resourceType") == kind
