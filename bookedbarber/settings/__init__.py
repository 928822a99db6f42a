"""Every setting, read from the environment or `.env`, in a module of its noun, each with its unit.

Defaults suit a developer's machine with the processor simulator. With ENVIRONMENT=production
nothing secret has a default: `manage.py check --deploy` names what is missing or insecure.
"""

# ruff: noqa: F403

from .admin_theme import *
from .api import *
from .books import *
from .charges import *
from .collections import *
from .composition import *
from .connections import *
from .jobs import *
from .languages import *
from .login import *
from .logs import *
from .mail import *
from .payers import *
from .payouts import *
from .processors import *
from .reconciliation import *
from .sales import *
from .security import *
from .servers import *
from .simulator import *
from .static_files import *
from .surroundings import *
from .syncs import *
from .variables import *
from .webhooks import *
