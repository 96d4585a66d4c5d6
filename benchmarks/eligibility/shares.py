"""How many criteria are wholly coded, how many partly, and how many stay words only."""

from __future__ import annotations

from collections import Counter

from benchmarks.eligibility.speed import corpora
from converter.eligibility.findings import CERTAIN, Criterion
from converter.eligibility.understanding import Understanding, understand

KINDS = ("coded", "partly", "words only")


def counted(understanding: Understanding, nodes: list[Criterion], minimum: float, inside: bool = False) -> Counter[str]:
    """The criteria by how far they are understood.  One inside of a coded one is coded; headings count where nothing is below."""
    found: Counter[str] = Counter()
    for node in nodes:
        coded = inside or bool(node.side and node.role != "section" and understanding.meaning(node, minimum))
        if node.role == "criterion" and node.start < node.end:
            some = any(one.confidence >= minimum for one in understanding.of(node))
            found["coded" if coded else "partly" if some else "words only"] += 1
        found += counted(understanding, node.children, minimum, coded)
    return found


def shares(minimum: float = CERTAIN) -> None:
    """The shares over both corpora are on standard output."""
    print(f"{'corpus':18}{'criteria':>9}" + "".join(f"{kind:>12}" for kind in KINDS) + f"   at confidence {minimum:.2f} or more")
    for name, some in corpora().items():
        found: Counter[str] = Counter()
        for text in some:
            understanding = understand(text)
            found += counted(understanding, understanding.tree.nodes, minimum)
        print(f"{name:18}{found.total():9}" + "".join(f"{found[kind] / max(1, found.total()):12.1%}" for kind in KINDS))
