"""A pytest plugin: our applications at the simulator, and owners who say yes or no there."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from processors.models import Connection
from tests.simulation import SimulatedAccount, Simulator


class Applications:
    """Ours at both processors, as the settings name them."""

    def __init__(self, simulator: Simulator, platform: Connection, settings: Any) -> None:
        self.simulator = simulator
        self.owners = {"square": simulator.create_account("square")}
        number = secrets.token_hex(6)
        settings.STRIPE_CONNECT_BASE = settings.STRIPE_API_BASE
        settings.STRIPE_CLIENT_ID = f"ca_{number}"
        settings.SQUARE_APPLICATION_ID = f"sandbox-sq0idb-{number}"
        settings.SQUARE_APPLICATION_SECRET = f"sandbox-sq0csb-{number}"
        settings.SQUARE_APPLICATION_TOKEN = self.owners["square"].secret
        self.client_ids = {
            "stripe": settings.STRIPE_CLIENT_ID,
            "square": settings.SQUARE_APPLICATION_ID,
        }
        self._redirect_url = settings.OAUTH_REDIRECT_URL
        self._put("stripe", platform.account_id)
        secret = settings.SQUARE_APPLICATION_SECRET
        self._put("square", self.owners["square"].account_id, client_secret=secret)

    def _put(self, processor: str, account_id: str, **fields: Any) -> None:
        path = f"applications/{processor}/{self.client_ids[processor]}"
        redirect_url = self._redirect_url.replace("{processor}", processor)
        self.simulator.put(path, account_id=account_id, redirect_uris=[redirect_url], **fields)

    def visit(self, url: str, account: SimulatedAccount, *, answer: str = "approve") -> dict:
        """Open the processor's page as the account's owner; return with what one comes back."""
        parameters = {"simulator_account": account.account_id, "simulator_answer": answer}
        page = httpx.get(httpx.URL(url).copy_merge_params(parameters), trust_env=False)
        assert page.status_code == 302, page.text
        query = parse_qs(urlsplit(page.headers["location"]).query)
        return {name: values[0] for name, values in query.items()}

    def revoke(self, account: SimulatedAccount) -> None:
        """The owner takes the access away, in the processor's dashboard."""
        self._act("revoke", account)

    def expire(self, account: SimulatedAccount) -> None:
        """The access tokens end now; what renews them stays."""
        self._act("expire", account)

    def list_live(self, account: SimulatedAccount) -> list[dict[str, Any]]:
        listed = self.simulator.get("authorizations")["authorizations"]
        ours = [row for row in listed if row["account_id"] == account.account_id]
        return [row for row in ours if not row.get("revoked_ms")]

    def _act(self, act: str, account: SimulatedAccount) -> None:
        self.simulator.act(
            f"authorizations/{act}",
            processor=account.processor,
            client_id=self.client_ids[account.processor],
            account_id=account.account_id,
        )


@pytest.fixture
def applications(platform: Connection, simulator: Simulator, settings) -> Applications:
    return Applications(simulator, platform, settings)
