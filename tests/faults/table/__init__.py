"""The table of seeded faults, subject by subject."""

from tests.faults.change import Fault
from tests.faults.table import codes, document, elements, extensions, invariants, narrative, primitives, references, transaction

FAULTS: list[Fault] = [
    *document.FAULTS, *elements.FAULTS, *primitives.FAULTS, *codes.FAULTS, *invariants.FAULTS, *references.FAULTS,
    *transaction.FAULTS, *extensions.FAULTS, *narrative.FAULTS,
]
