"""Syncs: reading what processors list."""

from .variables import env

# Total time for one page of an account's list, repeats included.
PROCESSOR_LIST_SECONDS = env.float("PROCESSOR_LIST_SECONDS", default=120.0)
# What is read again before the last reading's start: late rows, and clocks that differ.
SYNC_OVERLAP_SECONDS = env.float("SYNC_OVERLAP_SECONDS", default=3600.0)
# Pages that are stored in one transaction; a killed sync reads at most these again.
SYNC_BATCH_PAGES = env.int("SYNC_BATCH_PAGES", default=10)
# A longer sync stops after this time, and a further job goes on from there.
SYNC_JOB_SECONDS = env.float("SYNC_JOB_SECONDS", default=900.0)
# What somebody asked for is queued again after this time: the first message may be lost.
SYNC_REQUEST_SECONDS = env.float("SYNC_REQUEST_SECONDS", default=60.0)
# Runs are kept for this long.
SYNC_RUN_DAYS = env.int("SYNC_RUN_DAYS", default=90)
# Accounts with a sale in these days are read every few minutes, all others daily.
SYNC_LIVE_DAYS = env.int("SYNC_LIVE_DAYS", default=7)
