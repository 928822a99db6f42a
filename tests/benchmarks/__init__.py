"""How fast we are beside a floor: the same job written by hand, measured in the same run.

Absolute numbers drift with the machine, ratios of runs in alternating order do not. Nothing is
asserted, and pytest collects none of it.
"""
