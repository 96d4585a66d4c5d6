"""Cases as JUnit XML, in the form that Maven Surefire writes and Jenkins, GitLab and GitHub's readers take.

https://maven.apache.org/surefire/maven-surefire-plugin/xsd/surefire-test-report.xsd, and junit-10.xsd of Jenkins' xUnit plugin.
The counts stand at the top, so the cases wait in a temporary file: memory stays the same however many there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from xml.sax.saxutils import escape, quoteattr

from converter.cases import Case

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold (2.2), or had better not."""
BLOCK = 1 << 20


class Suite:
    """The cases of a run, one test case each; `name` is that of the suite."""

    def __init__(self, name: str):
        self.name = name
        self.tests = self.failures = self.errors = 0
        self.seconds = 0.0
        self.cases = SpooledTemporaryFile(BLOCK)  # noqa: SIM115 (`close` ends it)

    def take(self, case: Case) -> None:
        """One test case more."""
        self.tests += 1
        self.failures += case.result == "failure"
        self.errors += case.result == "error"
        self.seconds += case.seconds
        inner = ""
        if case.result != "passed":
            first = case.findings[0].partition("\n")[0] if case.findings else case.status
            inner += (f"<{case.result} type={attribute(case.status)} message={attribute(first)}>"
                      f"{text(chr(10).join(case.findings))}</{case.result}>")
        if case.warnings:
            inner += f"<system-out>{text(chr(10).join(case.warnings))}</system-out>"
        self.cases.write(f"  <testcase classname={attribute(f'{self.name}.{case.about}')} name={attribute(case.name)} "
                         f'time="{case.seconds:.3f}"{f">{inner}</testcase>" if inner else "/>"}\n'.encode())

    def write(self, write: Callable[[bytes], object]) -> None:
        """The whole document, piece by piece."""
        write(f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name={attribute(self.name)} tests="{self.tests}" '
              f'failures="{self.failures}" errors="{self.errors}" skipped="0" time="{self.seconds:.3f}">\n'.encode())
        self.cases.seek(0)
        while block := self.cases.read(BLOCK):
            write(block)
        write(b"</testsuite>\n")

    def close(self) -> None:
        """Nothing is left of it."""
        self.cases.close()


def legal(said: str) -> str:
    """The text with what XML cannot hold written as an escape."""
    return ILLEGAL.sub(lambda match: f"\\u{ord(match[0]):04x}", said)


def text(said: str) -> str:
    """The text as the content of an element."""
    return escape(legal(said))


def attribute(said: str) -> str:
    """The text as the value of an attribute, with its quotes; a line end stays one (XML 1.0, 3.3.3)."""
    return quoteattr(legal(said), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
