from .compiled_queries import CompiledQuery
from .inserts import insert
from .retrying import retry_transaction
from .statement_timeout import statement_timeout

__all__ = ["CompiledQuery", "insert", "retry_transaction", "statement_timeout"]
