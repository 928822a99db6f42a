"""Probes: one table for `/health`, `/ready` and what operators see."""

from collections.abc import Callable
from logging import getLogger

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

log = getLogger("bookedbarber.health")

# A probe returns "ok" or what is wrong, in words without secrets.
Probe = Callable[[], str]


def probe_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def probe_migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migrations are not applied" if missing else "ok"


def probe_cache() -> str:
    """Redis may be away: everything works without it, only slower."""
    cache.set("health", "ok", timeout=10)
    return "ok" if cache.get("health") == "ok" else "slow: Redis does not answer"


HEALTH: dict[str, Probe] = {"database": probe_database, "cache": probe_cache}
READINESS: dict[str, Probe] = {"database": probe_database, "migrations": probe_migrations}


def run_probes(probes: dict[str, Probe]) -> dict[str, str]:
    """Run each probe; one that crashes is a finding, and the others still run."""
    return {name: _run(name, probe) for name, probe in probes.items()}


def is_healthy(findings: dict[str, str]) -> bool:
    return all(finding == "ok" or finding.startswith("slow") for finding in findings.values())


def _run(name: str, probe: Probe) -> str:
    try:
        return probe()
    except Exception:
        # Whatever a probe meets is its finding; the reason goes to the log, not to the public.
        log.exception("The probe %s failed", name)
        return "failed"
