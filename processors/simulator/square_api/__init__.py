"""Square's API below `/square/v2`. One file for each resource; `routes.py` is the table.

Operations answer with the SDK's own response models.
"""
