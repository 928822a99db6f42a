"""`bin/chaos`: the whole product under faults, kills and lost services, judged from outside.

    plan          what will be tried, from a seed alone; which faults it leans to
    world         a throw-away home: servers, processes, people; `populate` runs inside the product
    clients       the payers' software: sends, repeats, remembers every answer
    disruptions   kills, stops and empties, at the planned points
    progress      tells on stderr what is going on
    quiet         after the faults: waits until nothing is open
    evidence      the processors' journal and lists and the product's rows, read from outside
    findings_*    what must hold between them; `judge` asks them all
    mutants       defects planted in a copy of the source; each must be found
    sync_*        the same for reading past transactions

Times that decide when the product gives up asking grow on a machine that is busy elsewhere; the
120 s after the faults do not.

Nothing here imports the code that takes, settles or books payments.
"""
