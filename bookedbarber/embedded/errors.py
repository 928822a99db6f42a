class EmbeddedServiceError(Exception):
    """PostgreSQL or Valkey cannot be started or stopped; the message says why in one sentence."""
