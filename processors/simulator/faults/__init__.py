"""Misbehavior on request: what a processor, or the network on the way to it, may do to a call.

A rule (`POST /_simulator/faults`, `rules.FaultRule`) says which calls go wrong and how:

    kind                 what the client sees                            carried out
    time_out_before      nothing for `seconds` [120], then the end       no
    time_out_after       the same                                        yes
    commit_late          a reset; with `held` nothing for 120 s          `seconds` [5] later
    error_before         500                                             no; not remembered
    error_after          500                                             yes; and remembered
    stored_error         500, and 500 for its key from then on           no
    stored_error_after   500, and 500 for its key from then on           yes
    rate_limited         429, with `seconds` also Retry-After            no
    conflict             409                                             no
    garbage              200 and a body that is no JSON                  yes
    truncated            half of the promised body, then the end         yes
    other_object         a well-formed answer about something else       yes
    other_amount         an answer whose amounts are one unit higher     yes
    other_currency       an answer in another currency                   yes
    slow                 the answer, a byte every `seconds` [1]          yes
    connection_refused   a connection that ends unread                   no
    reset_before         a connection reset                              no
    reset_after          a connection reset                              yes
    revoked_token        401                                             no
    account_down         503, with `held` nothing for 120 s; every call  no
                         for `seconds`, or until the rule is removed

All accounts share one port, so a connection cannot be refused for one of them alone: it ends in a
reset before anything is done. `connection_refused` with `seconds` is the real thing for all: the
simulator, its control doors included, does not listen for so long.

Until a late call is carried out nothing shows it, and its key is in use: 409 at Stripe
(`idempotency_key_in_use`) and at Square (`CONFLICT`; what it says then is not documented, and this
is its general code). A late call's moment is the simulator's: moving the clock brings it about.

Only a call that has a known key and readable parameters can be hit. Questions (GET) do no work, so
`commit_late` and the stored errors pass them by.
"""
