"""Applications that ask accounts for access by OAuth."""

import json

from pydantic import BaseModel, ConfigDict

from processors.simulator.accounts import Name, Processor
from processors.simulator.store import Store


class Application(BaseModel):
    """An application, as `PUT /_simulator/applications/{processor}/{client_id}` gives it.

    `account_id`: who owns it; at Stripe the platform, whose key is the client secret too, and at
    Square the account whose webhook subscriptions hear of all sellers. `client_secret`: Square's.
    `auto_account_id`: the account that answers by itself instead of a person on a page, with
    `auto_answer`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    processor: Processor
    client_id: Name
    account_id: Name
    client_secret: str = ""
    name: str = "An application"
    redirect_uris: list[str] = []
    auto_account_id: str | None = None
    auto_answer: str = "approve"


class Applications:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, application: Application) -> None:
        self._store.execute(
            "REPLACE INTO applications VALUES (?, ?, ?)",
            (application.processor, application.client_id, application.model_dump_json()),
        )

    def find(self, processor: str, client_id: str) -> Application | None:
        row = self._store.row(
            "SELECT body FROM applications WHERE processor = ? AND client_id = ?",
            (processor, client_id),
        )
        return Application.model_validate(json.loads(row["body"])) if row else None

    def list_all(self) -> list[Application]:
        rows = self._store.rows("SELECT body FROM applications ORDER BY processor, client_id")
        return [Application.model_validate(json.loads(row["body"])) for row in rows]
