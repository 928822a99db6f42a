from .retrying import retry_transaction
from .statement_timeout import statement_timeout

__all__ = ["retry_transaction", "statement_timeout"]
