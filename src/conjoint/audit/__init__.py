"""Is this wave fit to analyse? Design, randomisation, order, quality, bases: one verdict each."""

from conjoint.audit.duplicates import duplicated_ids
from conjoint.audit.item import Item
from conjoint.audit.model import SECTIONS, TITLES, Audit
from conjoint.audit.run import audit

__all__ = ["SECTIONS", "TITLES", "Audit", "Item", "audit", "duplicated_ids"]
