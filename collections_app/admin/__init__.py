"""Collections in the admin. Rows are facts: read, and changed by operations only."""

from . import agreements, attempts, collections, lines, rent_plans

__all__ = ["agreements", "attempts", "collections", "lines", "rent_plans"]
