"""What accounts allowed applications: codes, refresh tokens and access tokens.

A code is exchanged once, within minutes, for an authorization. One of an application and an
account is live at most; it has any number of access tokens, all of which end with it.
"""

import secrets
import sqlite3
from dataclasses import dataclass

from processors.simulator.applications import Application
from processors.simulator.messages import Json
from processors.simulator.store import Store

CODE_MS = 5 * 60 * 1000
_CODE_PREFIXES = {"stripe": "ac_", "square": "sandbox-sq0cgb-"}
_ACCESS_PREFIXES = {"stripe": "sk_test_oauth_", "square": "EAAAsim"}
_REFRESH_PREFIXES = {"stripe": "rt_", "square": "EQAAsim"}


@dataclass(frozen=True, slots=True)
class Code:
    """`used_by`: the authorization it was exchanged for."""

    code: str
    processor: str
    client_id: str
    account_id: str
    scope: str
    redirect_uri: str
    expires_ms: int
    used_by: int | None


@dataclass(frozen=True, slots=True)
class Authorization:
    sequence: int
    processor: str
    client_id: str
    account_id: str
    scope: str
    refresh_token: str
    created_ms: int
    revoked_ms: int | None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """`expires_ms` None: never. It is revoked with its authorization, or alone."""

    token: str
    authorization: Authorization
    expires_ms: int | None
    is_revoked: bool


class Authorizations:
    def __init__(self, store: Store) -> None:
        self._store = store

    def add_code(
        self, application: Application, account_id: str, *, scope: str, uri: str, now_ms: int
    ) -> str:
        """A code for an account that said yes."""
        code = _CODE_PREFIXES[application.processor] + secrets.token_hex(16)
        self._store.execute(
            "INSERT INTO authorization_codes VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                code,
                application.processor,
                application.client_id,
                account_id,
                scope,
                uri,
                now_ms + CODE_MS,
            ),
        )
        return code

    def find_code(self, processor: str, code: str) -> Code | None:
        row = self._store.row(
            "SELECT * FROM authorization_codes WHERE code = ? AND processor = ?", (code, processor)
        )
        return Code(**dict(row)) if row else None

    def exchange(self, code: Code, now_ms: int) -> Authorization:
        """Use the code up; the live authorization, a new one if there is none."""
        live = self.find_live(code.processor, code.client_id, code.account_id)
        authorization = live or self._add(code, now_ms)
        self._store.execute(
            "UPDATE authorization_codes SET used_by = ? WHERE code = ?",
            (authorization.sequence, code.code),
        )
        return authorization

    def _add(self, code: Code, now_ms: int) -> Authorization:
        refresh_token = _REFRESH_PREFIXES[code.processor] + secrets.token_hex(24)
        given = (code.processor, code.client_id, code.account_id, code.scope, refresh_token)
        sequence = self._store.execute(
            "INSERT INTO authorizations (processor, client_id, account_id, scope, refresh_token,"
            " created_ms) VALUES (?, ?, ?, ?, ?, ?)",
            (*given, now_ms),
        )
        return Authorization(sequence, *given, now_ms, None)

    def find_live(self, processor: str, client_id: str, account_id: str) -> Authorization | None:
        return self._find(
            "processor = ? AND client_id = ? AND account_id = ? AND revoked_ms IS NULL",
            (processor, client_id, account_id),
        )

    def find_by_refresh_token(self, processor: str, token: str) -> Authorization | None:
        return self._find("processor = ? AND refresh_token = ?", (processor, token))

    def find_by_sequence(self, sequence: int) -> Authorization | None:
        return self._find("sequence = ?", (sequence,))

    def _find(self, condition: str, values: tuple[object, ...]) -> Authorization | None:
        row = self._store.row(f"SELECT * FROM authorizations WHERE {condition}", values)  # noqa: S608
        return _to_authorization(row) if row else None

    def list_all(self) -> list[Json]:
        """All of them, without their tokens, newest first."""
        rows = self._store.rows(
            "SELECT sequence, processor, client_id, account_id, scope, created_ms, revoked_ms"
            " FROM authorizations ORDER BY sequence DESC"
        )
        return [dict(row) for row in rows]

    def issue_token(self, authorization: Authorization, expires_ms: int | None) -> str:
        token = _ACCESS_PREFIXES[authorization.processor] + secrets.token_hex(24)
        self._store.execute(
            "INSERT INTO access_tokens VALUES (?, ?, ?, NULL)",
            (token, authorization.sequence, expires_ms),
        )
        return token

    def find_token(self, processor: str, token: str) -> AccessToken | None:
        row = self._store.row("SELECT * FROM access_tokens WHERE token = ?", (token,))
        found = row and self.find_by_sequence(row["authorization_sequence"])
        if not row or not found or found.processor != processor:
            return None
        is_revoked = row["revoked_ms"] is not None or found.revoked_ms is not None
        return AccessToken(token, found, row["expires_ms"], is_revoked)

    def revoke(self, authorization: Authorization, now_ms: int) -> None:
        """End the authorization, and every token with it."""
        self._store.execute(
            "UPDATE authorizations SET revoked_ms = ? WHERE sequence = ?",
            (now_ms, authorization.sequence),
        )

    def revoke_token(self, token: str, now_ms: int) -> None:
        self._store.execute(
            "UPDATE access_tokens SET revoked_ms = ? WHERE token = ?", (now_ms, token)
        )

    def expire_tokens(self, authorization: Authorization, now_ms: int) -> None:
        """Let the access tokens end now; the refresh token stays good."""
        self._store.execute(
            "UPDATE access_tokens SET expires_ms = ? WHERE authorization_sequence = ?",
            (now_ms, authorization.sequence),
        )

    def list_clients(self, processor: str, account_id: str) -> list[str]:
        """The applications that may act for the account."""
        rows = self._store.rows(
            "SELECT DISTINCT client_id FROM authorizations"
            " WHERE account_id = ? AND processor = ? AND revoked_ms IS NULL",
            (account_id, processor),
        )
        return [row["client_id"] for row in rows]


def _to_authorization(row: sqlite3.Row) -> Authorization:
    return Authorization(**dict(row))
