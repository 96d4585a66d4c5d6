"""The texts of trees.txt, each with its tree as a person would draw it; `python -m tests.eligibility.trees` draws the trees anew.

A text begins behind "== what it shows", its tree behind "--".  Of a node stand its side (+ inclusion, - exclusion, ? not said), its
role (§ section, # heading), how its children combine, its words in one line, and its group where that is not its parent's.
"""

from __future__ import annotations

from pathlib import Path

from converter.eligibility.findings import Criterion
from converter.eligibility.tree import parse

HERE = Path(__file__).with_name("trees.txt")
SIDES = {"inclusion": "+", "exclusion": "-", None: "?"}
ROLES = {"section": "§", "heading": "#", "criterion": ""}


def outline(text: str) -> str:
    """One line for each node of the text's tree."""
    found: list[str] = []

    def draw(nodes: list[Criterion], depth: int, group: str | None) -> None:
        for node in nodes:
            how = f" <{node.how}{f' {node.threshold}' if node.threshold else ''}>" if node.how else ""
            words = "".join(f" {line.strip()}" for line in text[node.start:node.end].splitlines() if line.strip())
            name = f" [{node.group}]" if node.group != group else ""
            found.append("  " * depth + SIDES[node.side] + ROLES[node.role] + how + words + name)
            draw(node.children, depth + 1, node.group)

    draw(parse(text).nodes, 0, None)
    return "\n".join(found)


def trees() -> dict[str, tuple[str, str]]:
    """Each text with its tree, by what it shows."""
    found = {}
    for block in HERE.read_text(encoding="utf-8").split("\n== ")[1:]:
        name, _, rest = block.partition("\n")
        text, _, drawn = rest.partition("\n--\n")
        found[name] = text, drawn.strip("\n")
    return found


if __name__ == "__main__":
    head = HERE.read_text(encoding="utf-8").split("\n== ")[0]
    HERE.write_text(head + "".join(f"\n== {name}\n{text}\n--\n{outline(text)}\n" for name, (text, _) in trees().items()), encoding="utf-8")
