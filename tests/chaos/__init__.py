"""`bin/chaos`: the whole product under faults, kills and lost services, judged from outside.

    plan          what will be tried, from a seed alone
    world         a throw-away home: servers, processes, people; `populate` runs inside the product
    clients       the payers' software: sends, repeats, remembers every answer
    disruptions   kills, stops and empties, at the planned points
    quiet         after the faults: waits until nothing is open
    evidence      the processors' journal and the product's rows, read from outside
    findings_*    what must hold between them
    mutants       defects planted in a copy of the source; each must be found

Nothing here imports the code that takes, settles or books payments.
"""
