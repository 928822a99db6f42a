"""The whole timetable. `seed_timetable`, which beat calls too, writes to the database what is
missing there; operators edit it in the admin from then on.

Sweeps of every few seconds take rows with SKIP LOCKED and need no slot. A job with slots runs
once for each time, is recorded as a JobRun, and is made by `foundation.job_tasks.slot_task`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sweep:
    """Started every so many seconds, whatever became of the last time."""

    name: str
    job: str
    every_seconds: int


@dataclass(frozen=True, slots=True)
class Job:
    """Run once for each time: five cron fields in UTC."""

    name: str
    job: str
    times: str


TIMETABLE: tuple[Sweep | Job, ...] = (
    Sweep("mark lost legs", "payments.mark_lost_legs", 5),
    Sweep("settle unknown legs", "payments.settle_unknown_legs", 5),
    Sweep("cancel expired checkouts", "payments.cancel_expired_checkouts", 60),
    Sweep("mark lost refunds", "payments.mark_lost_refunds", 5),
    Sweep("settle unknown refunds", "payments.settle_unknown_refunds", 5),
    Sweep("mark lost payouts", "payments.mark_lost_payouts", 30),
    Sweep("settle unknown payouts", "payments.settle_unknown_payouts", 5),
    Sweep("follow reversals of payouts", "payments.follow_reversals", 60),
    Sweep("follow disputes", "payments.follow_disputes", 60),
    Sweep("handle webhook events", "processors.handle_webhook_events", 3),
    Sweep("release parked webhook events", "payments.release_parked_events", 10),
    Sweep("wake requested syncs", "payments.wake_requested_syncs", 60),
    Sweep("resume lost runs", "console.resume_lost_runs", 30),
    Sweep("make collections due", "collections.move_due_collections", 60),
    Sweep("take due collections", "collections.process_collections", 60),
    Sweep("mark lost debits", "collections.mark_lost_attempts", 5),
    Sweep("settle unknown debits", "collections.settle_unknown_attempts", 5),
    Sweep("follow lost disputes of debits", "collections.follow_lost_disputes", 60),
    Sweep("confirm saved payment methods", "collections.confirm_open_setups", 300),
    Job("check stuck collections", "collections.check_stuck_collections", "17 * * * *"),
    Job("accrue rent", "collections.accrue_rent", "1 * * * *"),
    Job("build collections", "collections.build_collections", "11 * * * *"),
    Job("report who owes too much", "collections.report_outstanding", "31 6 * * *"),
    Job("carry over idle balances", "collections.carry_over_idle", "13 4 * * *"),
    Job("pay barbers out", "payments.pay_out", "3 5 * * *"),
    Job("sync live connections", "payments.sync_live_connections", "*/15 * * * *"),
    Job("sync all connections", "payments.sync_all_connections", "7 2 * * *"),
    Job("reconcile accounts", "payments.reconcile", "45 3 * * 1"),
    Job("report missing parents", "payments.report_missing_parents", "23 * * * *"),
    Job("forget old syncs", "payments.forget_old_syncs", "29 3 * * *"),
    Job("forget webhook bodies", "processors.forget_webhook_bodies", "37 3 * * *"),
    Job("probe failing connections", "payments.probe_failing_connections", "* * * * *"),
    Job("renew OAuth access", "payments.refresh_access", "*/10 * * * *"),
    Job(
        "remove abandoned authorizations",
        "payments.remove_abandoned_authorizations",
        "*/15 * * * *",
    ),
    Job("update connection health", "payments.update_connection_health", "20 4 * * 1"),
    Job("forget old idempotency keys", "payments.forget_old_idempotency_keys", "17 * * * *"),
    Job("forget expired refresh tokens", "accounts.forget_expired_tokens", "41 3 * * *"),
    Job("forget old job runs", "console.forget_old_runs", "53 3 * * *"),
    Sweep("send mails", "notifications.send_mails", 10),
    Job("forget old mails", "notifications.forget_old_mails", "57 3 * * *"),
    Job("seal the ledger's closed days", "payments.seal_ledger", "2 * * * *"),
)
