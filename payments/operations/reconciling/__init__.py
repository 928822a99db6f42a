"""The steps of a reconciliation: reading the lists afresh, comparing, opening, resolving."""
