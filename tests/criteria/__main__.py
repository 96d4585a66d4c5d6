"""Renews what the pages give, and prints the names of what changed."""

from tests.criteria import HERE, made, standing

before, after = standing(), made()
for name in sorted(before.keys() - after.keys()):
    (HERE / name).unlink()
for name, content in after.items():
    if before.get(name) != content:
        (HERE / name).write_bytes(content)
        print(name)
