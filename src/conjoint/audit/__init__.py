"""Is this wave fit to analyse? Design, randomisation, order, quality, bases: one verdict each."""

from conjoint.audit.duplicates import duplicated_ids
from conjoint.audit.item import Item
from conjoint.audit.model import NAMES, SECTIONS, Audit
from conjoint.audit.run import audit

__all__ = ["NAMES", "SECTIONS", "Audit", "Item", "audit", "duplicated_ids"]
