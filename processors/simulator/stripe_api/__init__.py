"""Stripe's API below `/stripe/v1`. One file for each resource; `routes.py` is the table."""
