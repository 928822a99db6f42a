"""What must hold, as SQL of our own over raw rows; `journal` is the processor's, loaded beside.

Each statement selects what offends, in words. Nothing here is the product's code, and nothing it
has stored as a result is believed: commission, sums and states are worked out anew.
"""

# ruff: noqa: S608 - put together of our own words alone

LIVE = "l.state IN ('live', 'contested')"

# Sales on barbers' own accounts with what is left of them, and the rate of their day.
_SALES = """
  SELECT s.id, s.barber_id, s.currency, s.external_id,
    s.amount_minor - s.tip_minor - coalesce(back.minor, 0) AS base_minor,
    (SELECT c.commission_rate FROM payments_hybridpaymentconfig c
      WHERE c.barber_id = s.barber_id AND c.effective_at <= s.occurred_at
      ORDER BY c.effective_at DESC LIMIT 1) AS rate
  FROM payments_externaltransaction s JOIN processors_connection n ON n.id = s.connection_id
  LEFT JOIN (
    SELECT connection_id, parent_external_id, sum(amount_minor) AS minor
    FROM payments_externaltransaction WHERE kind = 'refund' AND state = 'completed'
    GROUP BY connection_id, parent_external_id
  ) back ON back.connection_id = s.connection_id AND back.parent_external_id = s.external_id
  WHERE s.kind = 'charge' AND s.state = 'completed' AND n.owner_id <> 0
"""

# What moved of each attempt at the processor: charges, and what came back of them.
_MOVED = """
  SELECT a.id, a.collection_id, a.public_id, a.state, a.amount_minor, a.currency,
    coalesce(c.charges, 0) AS charges, coalesce(c.charged, 0) AS charged,
    coalesce(c.returned, 0) AS returned
  FROM collections_app_collectionattempt a
  LEFT JOIN (
    SELECT j.reference, count(*) AS charges, sum(j.amount_minor)::bigint AS charged,
      sum(coalesce(b.returned, 0))::bigint AS returned
    FROM journal j
    LEFT JOIN (SELECT source_id, -sum(amount_minor) AS returned FROM journal
      WHERE kind <> 'charge' GROUP BY source_id) b ON b.source_id = j.object_id
    WHERE j.kind = 'charge' GROUP BY j.reference
  ) c ON c.reference = a.public_id
"""

CHECKS: dict[str, str] = {
    "no accrual is in two live collections": f"""
        SELECT 'accrual ' || l.accrual_id || ' is in '
          || string_agg(c.public_id || ' (' || c.state || ')', ', ')
        FROM collections_app_collectionline l
        JOIN collections_app_platformcollection c ON c.id = l.collection_id
        WHERE {LIVE} AND c.state <> 'canceled'
        GROUP BY l.accrual_id HAVING count(*) > 1
    """,
    "a collection equals its lines to the cent": """
        SELECT c.public_id || ' is ' || c.amount_minor || ' of ' || c.line_count || ' lines, not '
          || coalesce(sum(a.amount_minor), 0) || ' of ' || count(a.id)
        FROM collections_app_platformcollection c
        LEFT JOIN collections_app_collectionline l
          ON l.collection_id = c.id AND l.state = 'live'
        LEFT JOIN payments_accrual a ON a.id = l.accrual_id
          AND a.barber_id = c.barber_id AND a.currency = c.currency
          AND a.environment = c.environment AND a.amount_minor = l.amount_minor
        WHERE c.state <> 'canceled' GROUP BY c.id
        HAVING c.amount_minor <> coalesce(sum(a.amount_minor), 0) OR c.line_count <> count(a.id)
          OR c.amount_minor <= 0
    """,
    "accruals are the commission of what is left of a sale": f"""
        WITH sale AS ({_SALES}), owed AS (
          SELECT sale_id, sum(amount_minor) AS amount_minor, count(DISTINCT revision) AS steps,
            max(revision) AS last
          FROM payments_accrual WHERE kind = 'commission' GROUP BY sale_id)
        SELECT 'sale ' || s.external_id || ' owes ' || coalesce(o.amount_minor, 0) || ' in '
          || coalesce(o.steps, 0) || ' steps, not ' || round(s.base_minor * s.rate / 100)
        FROM sale s LEFT JOIN owed o ON o.sale_id = s.id
        WHERE coalesce(o.amount_minor, 0) <> round(s.base_minor * s.rate / 100)
          OR coalesce(o.steps, 0) <> coalesce(o.last, 0)
    """,
    "a rent is owed once for each week": """
        SELECT 'plan ' || p.id || ' owes ' || a.amount_minor || ' for ' || a.period_start
        FROM payments_accrual a JOIN collections_app_rentplan p ON p.id = a.rent_plan_id
        WHERE a.amount_minor <> p.amount_minor OR a.period_start < p.starts_on
          OR (a.period_start - p.starts_on) %% 7 <> 0
        UNION ALL
        SELECT 'plan ' || p.id || ' owes ' || count(a.id) || ' weeks, not ' || %(weeks)s
        FROM collections_app_rentplan p LEFT JOIN payments_accrual a ON a.rent_plan_id = p.id
        GROUP BY p.id HAVING count(DISTINCT a.period_start) <> count(a.id)
          OR count(a.id) < %(weeks)s
    """,
    "one debit for each collection, and none without": f"""
        WITH moved AS ({_MOVED}), taken AS (
          SELECT collection_id, sum(charged - returned) AS minor,
            count(*) FILTER (WHERE charged > returned) AS debits
          FROM moved GROUP BY collection_id)
        SELECT c.public_id || ' of ' || c.amount_minor || ' is ' || c.state
          || ', the processor has ' || coalesce(t.minor, 0) || ' of '
          || coalesce(t.debits, 0) || ' debits'
        FROM collections_app_platformcollection c LEFT JOIN taken t ON t.collection_id = c.id
        WHERE coalesce(t.minor, 0) <> CASE c.state WHEN 'collected' THEN c.amount_minor ELSE 0 END
          OR coalesce(t.debits, 0) <> CASE c.state WHEN 'collected' THEN 1 ELSE 0 END
        UNION ALL
        SELECT 'the debit ' || j.object_id || ' of ' || j.amount_minor || ' names '
          || coalesce(nullif(j.reference, ''), 'nothing') || ', which is no attempt'
        FROM journal j WHERE j.kind = 'charge' AND NOT EXISTS (
          SELECT FROM collections_app_collectionattempt a WHERE a.public_id = j.reference)
    """,
    "an attempt says what moved": f"""
        WITH moved AS ({_MOVED})
        SELECT public_id || ' of ' || amount_minor || ' is ' || state || ', charged ' || charged
          || ' in ' || charges || ', returned ' || returned
        FROM moved
        WHERE charges <> CASE WHEN state IN ('succeeded', 'returned') THEN 1 ELSE 0 END
          OR charged <> CASE WHEN state IN ('succeeded', 'returned') THEN amount_minor ELSE 0 END
          OR returned <> CASE WHEN state = 'returned' THEN amount_minor ELSE 0 END
    """,
    "what was debited is what was collected": """
        SELECT currency || ': debited ' || sum(debited) || ', collected ' || sum(collected)
        FROM (
          SELECT currency, amount_minor AS debited, 0 AS collected FROM journal
            WHERE kind = 'charge' OR source_id IN (
              SELECT object_id FROM journal WHERE kind = 'charge')
          UNION ALL
          SELECT currency, 0, amount_minor FROM collections_app_platformcollection
            WHERE state = 'collected'
        ) sides GROUP BY currency HAVING sum(debited) <> sum(collected)
    """,
    "the books say what is owed": """
        SELECT 'barber ' || barber_id || ' ' || currency || ' owes ' || sum(owed) || ', booked '
          || sum(booked)
        FROM (
          SELECT barber_id, currency, amount_minor AS owed, 0 AS booked FROM payments_accrual
          UNION ALL
          SELECT barber_id, currency, -amount_minor, 0 FROM collections_app_platformcollection
            WHERE state = 'collected'
          UNION ALL
          SELECT g.barber_id, g.currency, 0, e.amount_minor FROM payments_ledgerentry e
            JOIN payments_ledgeraccount g ON g.id = e.account_id WHERE g.code = 'receivable'
        ) sides GROUP BY barber_id, currency HAVING sum(owed) <> sum(booked)
    """,
    "nothing that is owed is left out": f"""
        SELECT 'barber ' || a.barber_id || ' owes ' || sum(a.amount_minor) || ' of '
          || count(*) || ' accruals in no collection'
        FROM payments_accrual a
        LEFT JOIN payments_externaltransaction s ON s.id = a.sale_id
        WHERE a.amount_minor <> 0 AND coalesce(s.occurred_at, a.occurred_at) < %(until)s
          AND NOT EXISTS (SELECT FROM collections_app_collectionline l
            WHERE l.accrual_id = a.id AND {LIVE})
        GROUP BY a.barber_id, a.currency, a.kind HAVING sum(a.amount_minor) >= %(minimum)s
    """,
    "each barber is collected from for each week": """
        SELECT 'barber ' || b.barber_id || ': ' || count(c.id) || ' collections of the week until '
          || w.week::date
        FROM (SELECT DISTINCT barber_id FROM payments_accrual WHERE kind = 'commission') b
        CROSS JOIN generate_series(%(first)s::date + 7, %(until)s::date, interval '7 days') w(week)
        LEFT JOIN collections_app_platformcollection c ON c.barber_id = b.barber_id
          AND c.kind = 'commission' AND c.state <> 'canceled' AND c.period_end = w.week::date
        GROUP BY b.barber_id, w.week HAVING count(c.id) <> 1
    """,
    "barbers are told of each collection and its end, once": """
        SELECT c.public_id || ' is ' || c.state || ': ' || string_agg(coalesce(m.key, '-'), ', ')
        FROM collections_app_platformcollection c
        LEFT JOIN notifications_outgoingmail m ON split_part(m.key, ':', 2) = c.public_id
        GROUP BY c.id
        HAVING count(*) FILTER (WHERE m.template = 'collection_announced') <> 1
          OR (c.state = 'collected'
            AND count(*) FILTER (WHERE m.template = 'collection_collected') = 0)
          OR (c.state = 'failed' AND count(*) FILTER (WHERE m.template = 'collection_failed') = 0)
    """,
    "a collection is over": """
        SELECT public_id || ' is still ' || state || ', next attempt '
          || coalesce(next_attempt_at::text, 'none')
        FROM collections_app_platformcollection WHERE state NOT IN ('collected', 'failed')
        UNION ALL
        SELECT public_id || ' is still ' || state FROM collections_app_collectionattempt
        WHERE state IN ('submitted', 'pending', 'unknown')
    """,
    "each move begins where the one before led": """
        SELECT subject || ' went to ' || before || ' and then left ' || from_there
        FROM (SELECT subject, after AS before, lead(before) OVER w AS from_there
          FROM foundation_statechange
          WHERE subject LIKE 'col\\_%%' OR subject LIKE 'cat\\_%%'
          WINDOW w AS (PARTITION BY subject ORDER BY id)) moves
        WHERE from_there <> before
    """,
}

# Of each barber: sales, refunds and commission, as the raw rows have them.
SUMS = f"""
SELECT n.owner_id AS barber, count(*) FILTER (WHERE t.kind = 'charge') AS sales,
  count(*) FILTER (WHERE t.kind = 'refund') AS refunds, max(due.commission) AS commission
FROM payments_externaltransaction t JOIN processors_connection n ON n.id = t.connection_id
LEFT JOIN (SELECT s.barber_id, sum(round(s.base_minor * s.rate / 100))::bigint AS commission
  FROM ({_SALES}) s GROUP BY s.barber_id) due ON due.barber_id = n.owner_id
WHERE n.owner_id <> 0 GROUP BY n.owner_id
"""

LOAD_JOURNAL = """
CREATE TEMP TABLE journal AS SELECT * FROM jsonb_to_recordset(%s::jsonb) AS j(
  account_id text, kind text, object_id text, source_id text, reference text,
  amount_minor bigint, currency text)
"""

# What the run waits for: days later some are still under way at their bank. Collections wait for
# those who take them, and when a day begins another attempt may fall due after they have ended.
UNDER_WAY = """
SELECT 'collection ' || state AS what, count(*) AS many FROM collections_app_platformcollection
WHERE %(is_taken)s AND ((state = 'pending' AND due_at <= %(now)s)
  OR (state = 'due' AND next_attempt_at <= %(now)s))
GROUP BY state
UNION ALL
SELECT 'attempt ' || state, count(*) FROM collections_app_collectionattempt
WHERE state IN ('submitted', 'unknown') AND NOT public_id = ANY(%(riddles)s) GROUP BY state
"""
OPEN = """
SELECT (SELECT count(*) FROM collections_app_platformcollection
    WHERE state IN ('pending', 'due', 'processing'))
  + (SELECT count(*) FROM collections_app_collectionattempt
    WHERE state IN ('submitted', 'unknown', 'pending')) AS many
"""
COUNTS = """
SELECT 'collections' AS of, state, count(*) AS many FROM collections_app_platformcollection
GROUP BY state
UNION ALL
SELECT 'attempts', method || ' ' || state, count(*) FROM collections_app_collectionattempt
GROUP BY method, state
UNION ALL
SELECT 'cut', 'debits that their worker did not survive', count(*) FROM foundation_statechange
WHERE subject LIKE 'cat\\_%' AND reason = 'The worker ended before the processor''s answer'
UNION ALL
SELECT 'lines', 'in all', count(*) FROM collections_app_collectionline
"""
