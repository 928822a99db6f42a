from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from bookedbarber.foundation.job_runs import Run
from bookedbarber.foundation.job_tasks import run_by_hand
