"""The SDK's calls about transfers, disputes and connected accounts."""

from collections.abc import Callable
from typing import Any

import stripe

from processors.adapters.stripe.refusals import ErrorAnswer

Answer = dict[str, Any] | ErrorAnswer

MOST_LISTED = 100  # Stripe's own limit of a page


class TransferCalls:
    """Part of `StripeClient`."""

    _stripe: stripe.StripeClient

    def _read(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        raise NotImplementedError

    def _write(self, send: Callable[[], stripe.StripeObject]) -> Answer:
        raise NotImplementedError

    def create_transfer(self, form: dict[str, Any], *, idempotency_key: str) -> Answer:
        create: Any = self._stripe.v1.transfers.create
        return self._write(lambda: create(form, {"idempotency_key": idempotency_key}))

    def retrieve_transfer(self, transfer_id: str) -> Answer:
        return self._read(lambda: self._stripe.v1.transfers.retrieve(transfer_id))

    def list_transfers(self, *, group: str, since_seconds: int, after: str) -> Answer:
        """List a group's transfers made from `since_seconds` (of the epoch) on, newest first."""
        parameters: Any = {
            "transfer_group": group,
            "created": {"gte": since_seconds},
            "limit": MOST_LISTED,
        }
        if after:
            parameters["starting_after"] = after
        return self._read(lambda: self._stripe.v1.transfers.list(parameters))

    def list_transfer_reversals(self, transfer_id: str, *, after: str) -> Answer:
        parameters: Any = {"limit": MOST_LISTED}
        if after:
            parameters["starting_after"] = after
        list_page = self._stripe.v1.transfers.reversals.list
        return self._read(lambda: list_page(transfer_id, parameters))

    def retrieve_connected_account(self, account_id: str) -> Answer:
        return self._read(lambda: self._stripe.v1.accounts.retrieve(account_id))

    def retrieve_bank_payout(self, payout_id: str, *, account_id: str) -> Answer:
        retrieve: Any = self._stripe.v1.payouts.retrieve
        return self._read(lambda: retrieve(payout_id, {}, {"stripe_account": account_id}))

    def list_bank_payout_items(self, payout_id: str, *, account_id: str, after: str) -> Answer:
        """List the balance transactions in a connected account's payment to its bank."""
        parameters: Any = {"payout": payout_id, "limit": MOST_LISTED}
        if after:
            parameters["starting_after"] = after
        list_page = self._stripe.v1.balance_transactions.list
        return self._read(lambda: list_page(parameters, {"stripe_account": account_id}))

    def retrieve_dispute(self, dispute_id: str) -> Answer:
        return self._read(lambda: self._stripe.v1.disputes.retrieve(dispute_id))
