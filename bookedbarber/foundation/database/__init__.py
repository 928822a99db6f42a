from .compiled_queries import CompiledQuery
from .retrying import retry_transaction
from .statement_timeout import statement_timeout

__all__ = ["CompiledQuery", "retry_transaction", "statement_timeout"]
