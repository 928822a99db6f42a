CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS accounts (
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    secret TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (processor, account_id),
    UNIQUE (processor, secret)
);

-- `parent` is the object this one is most often looked up by: a refund's charge, a card's customer.
CREATE TABLE IF NOT EXISTS objects (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    parent TEXT,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    body TEXT NOT NULL
);
-- Every index ends in the row's sequence by itself.
CREATE INDEX IF NOT EXISTS objects_newest ON objects (account_id, kind, created_ms);
CREATE INDEX IF NOT EXISTS objects_changed ON objects (account_id, kind, updated_ms);
CREATE INDEX IF NOT EXISTS objects_parent ON objects (parent, kind) WHERE parent IS NOT NULL;

CREATE TABLE IF NOT EXISTS idempotency (
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    body BLOB NOT NULL,
    first_used_ms INTEGER NOT NULL,
    PRIMARY KEY (processor, account_id, scope, key)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    snapshot TEXT NOT NULL,
    cause TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_newest ON events (account_id, created_ms);

CREATE TABLE IF NOT EXISTS deliveries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    url TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at REAL NOT NULL DEFAULT 0,
    last_status INTEGER,
    last_error TEXT,
    lane TEXT,
    place INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event_id);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (next_attempt_at) WHERE state = 'pending';

-- Real time for the request journal, the simulator's clock for everything else.
CREATE TABLE IF NOT EXISTS requests (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at REAL NOT NULL,
    simulated_ms INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    account_id TEXT,
    key TEXT,
    request TEXT NOT NULL,
    status INTEGER,
    response TEXT,
    milliseconds REAL,
    fault TEXT
);

CREATE TABLE IF NOT EXISTS movements (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    method TEXT NOT NULL,
    object_id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    tip_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    settled_minor INTEGER NOT NULL,
    fee_minor INTEGER NOT NULL,
    settlement_currency TEXT NOT NULL,
    exchange_rate TEXT,
    reference TEXT,
    occurred_ms INTEGER NOT NULL,
    available_ms INTEGER NOT NULL,
    activity TEXT,
    payout_id TEXT
);
CREATE INDEX IF NOT EXISTS movements_account ON movements (account_id);

CREATE TABLE IF NOT EXISTS schedule (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    due_ms INTEGER NOT NULL,
    task TEXT NOT NULL,
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    object_id TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS schedule_due ON schedule (due_ms);

CREATE TABLE IF NOT EXISTS fault_rules (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    hits INTEGER NOT NULL DEFAULT 0
);

-- `request` is the sequence in the request journal; an outage has none and hits no account.
CREATE TABLE IF NOT EXISTS fault_hits (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    rule_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    hit_at REAL NOT NULL,
    request INTEGER,
    processor TEXT,
    account_id TEXT,
    method TEXT,
    path TEXT
);

-- Accepted, but not carried out before its moment.
CREATE TABLE IF NOT EXISTS late_calls (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    due_ms INTEGER NOT NULL,
    processor TEXT NOT NULL,
    caller_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    base_url TEXT NOT NULL,
    request_id TEXT,
    parameters TEXT NOT NULL,
    key TEXT,
    scope TEXT,
    fingerprint TEXT
);

-- Applications that ask accounts for access, and what they were given.
CREATE TABLE IF NOT EXISTS applications (
    processor TEXT NOT NULL,
    client_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (processor, client_id)
);

CREATE TABLE IF NOT EXISTS authorizations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    processor TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    refresh_token TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL,
    revoked_ms INTEGER
);
CREATE INDEX IF NOT EXISTS authorizations_account ON authorizations (account_id);

CREATE TABLE IF NOT EXISTS access_tokens (
    token TEXT PRIMARY KEY,
    authorization_sequence INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER
);
CREATE INDEX IF NOT EXISTS access_tokens_of ON access_tokens (authorization_sequence);

CREATE TABLE IF NOT EXISTS authorization_codes (
    code TEXT PRIMARY KEY,
    processor TEXT NOT NULL,
    client_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_by INTEGER
);

-- Differences a test has made at a processor, for a reconciliation to find.
CREATE TABLE IF NOT EXISTS plants (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    processor TEXT NOT NULL,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    planted_ms INTEGER NOT NULL
);
