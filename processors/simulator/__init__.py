"""A local Stripe and Square to develop against.

One process, one port, one SQLite file. The unmodified official SDKs talk to it:

    manage.py processor_simulator --port 8001 --state .local/simulator.sqlite3

    stripe.StripeClient(key, base_addresses={"api": "http://127.0.0.1:8001/stripe"})
    square.Square(token=token, base_url="http://127.0.0.1:8001/square")

or in a test:

    running = processors.simulator.server.start(port=0, state=path)
    ...
    running.stop()

An account must exist before its key is accepted; that, the clock, past sales and the journals
are reached through the control doors under `/_simulator/` (`control/__init__.py` lists them).
So is misbehavior: lost, late, wrong and refused answers by rule (`faults/__init__.py`).
What people and banks do is done there too: terminal sales, refunds in the dashboard, disputes,
payouts, applications that accounts allow (their pages are `/stripe/oauth/authorize` and
`/square/oauth2/authorize`), webhooks held or shuffled, differences for a reconciliation to find.
`/` is a page that shows what happened.

How a request travels is `pipeline.py`. A new object is one file in `stripe_api/` or
`square_api/` and one line for each of its addresses in that folder's `routes.py`.

The package imports nothing of the project and no Django.
"""
