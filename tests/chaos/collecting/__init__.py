"""`bin/chaos --collections`: weeks of sales, built and debited by many at once, under kills.

plan         barbers, sales, faults and kills, from a seed alone
weeks        the moments of a week: sold, built, announced, taken, tried again
shop         a throw-away home without web, worker or beat; `populate` runs inside the product
worker       one process of the product that builds, debits, asks, reads or loads, over and over
crew         those processes, killed by pid while they work, and started again
run          walks through the weeks by moving clocks, never by waiting for days
statements   SQL of our own over raw rows and the processor's journal
findings     what does not hold
report       what happened, and the verdict
"""
