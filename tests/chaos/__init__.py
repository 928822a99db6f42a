"""`bin/chaos`: the whole product under faults, kills and lost services, judged from outside.

    plan, mix     what will be tried, from a seed alone: payments, refunds, terminal sales, faults
    leans         which faults and acts a run gets more of, and what it leaves out
    world         a throw-away home: servers, processes, people; `populate` runs inside the product
    clients       the payers' software: sends, repeats, remembers every answer
    refunding     barbers give back, by our API and in the processor's dashboard; `terminals` sell
    disruptions   kills, stops and empties, at the planned points; `list_disruptions`: of syncs
    progress      tells on stderr what is going on
    quiet         after the faults: waits until nothing is open and everything is read
    evidence      the processors' journal and lists and the product's rows, read from outside
    findings_*    what must hold between them; `judge` asks them all
    mutants       defects planted in a copy of the source; each must be found
    sync_*        the same for reading past transactions
    collecting    the same for building and debiting collections

Events are lost, doubled, late and shuffled on their way (the simulator's delivery policies), and
accounts are synchronized every minute by beat, by commands that are killed, and once at the end.

Times that decide when the product gives up asking grow on a machine that is busy elsewhere; the
120 s after the faults do not.

Nothing here imports the code that takes, settles or books payments.
"""
