"""The control doors, below `/_simulator/`. They need no key: the simulator is for development.

    PUT  accounts/{processor}/{account_id}   create or change an account (accounts.Account)
    PATCH accounts/{processor}/{account_id}  change some settings; account.updated is told
    GET  accounts                            all accounts, keys masked
    GET  clock                               the simulator's time and its distance from real time
    POST clock                               {"advance_seconds": 60} or {"now": "2026-03-01T09:00Z"}
    POST sales                               up to 1,000 past sales (control/sales.py)
    POST terminal_sales                      a sale with a tip at a terminal (control/terminal.py)
    POST refunds                             a refund in the dashboard (control/refunds.py)
    POST refunds/{id}/fail, …/complete       how a refund goes on
    POST payouts                             pay out what is available (control/payouts.py)
    POST payouts/{id}/paid, …/fail           how a payout goes on
    POST processor_charges                   fees, reserves, conversion (processor_charges.py)
    POST transfers/{id}/reverse              {"amount_minor": 500}, or all that is left
    POST disputes                            open a dispute (control/disputes.py)
    POST debits/{id}/{act}                   succeed, fail, return (control/debits.py)
    GET  setup/{session}                     Stripe's page to save a payment method on
    POST setup/{session}                     {"method": "pm_card_visa"} (control/setups.py)
    POST disputes/{id}/{act}                 withdraw, submit_evidence, win, lose, accept, …
    GET  journal?after=&limit=&account_id=   money movements in the order of commit
    GET  requests?after=&limit=&account_id=  requests and answers, secrets masked
    GET  deliveries?after=&limit=            webhook deliveries and how they went
    POST deliveries/policy                   hold, lose, double, delay (control/deliveries.py)
    POST deliveries/release, …/drop, …/resend  what is held or was sent, in any order
    GET  events?after=&account_id=&type=     events as they are posted (control/events.py)
    GET  authenticate/{payment_intent}       what a card holder's bank would ask
    POST authenticate/{payment_intent}       {"outcome": "succeed"} or {"outcome": "fail"}
    PUT  applications/{processor}/{client_id}  an OAuth application (control/authorizations.py)
    GET  applications, authorizations        applications, and what accounts allow them
    POST authorizations                      an account says yes without a page: {"code"}
    POST authorizations/revoke, …/expire     it changes its mind; its access tokens end now
    POST plants                              a difference nobody is told of (control/plants.py)
    GET  plants?after=&account_id=           what was planted
    POST faults                              a rule for misbehavior (faults/rules.py)
    GET  faults                              the rules, how often each hit, calls yet to be late
    GET  faults/hits?after=&account_id=      which requests were hit, by which rule
    DELETE faults/{id}                       remove a rule; without an id all of them
    POST reset                               forget everything

A request that makes no sense is answered 400 with {"error": {"message", "field"}}.
"""
