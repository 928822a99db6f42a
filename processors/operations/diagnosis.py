"""Finding out where the way to a connection's account ends."""

from bookedbarber.foundation.encryption import CannotDecrypt
from bookedbarber.foundation.errors import DomainError

from ..contract import AccountAccess, AccountChecks, Addressed, TokenChecks
from ..errors import CredentialsRefused
from ..models import Connection
from ..registry import get_adapter
from ..transport.diagnosis import Step, StepFailed, Verdict, list_way_steps, take_steps


def diagnose_connection(*, connection: Connection) -> list[Step]:
    """Try name, connection, TLS, HTTP and credentials one after the other. Changes nothing.

    Credentials that nobody can read or send are a finding like others.
    """
    try:
        access = connection.get_access()
        url = get_adapter(access, Addressed).api_url
    except (CannotDecrypt, CredentialsRefused) as error:
        return [Step(name="credentials", verdict=Verdict.FAILED, explanation=str(error))]
    return take_steps({**list_way_steps(url), "credentials": lambda: _check_credentials(access)})


def _check_credentials(access: AccountAccess) -> str:
    try:
        description = get_adapter(access, AccountChecks).describe_account()
    except DomainError as error:
        said = error.details.get("processor_code", "")
        raise StepFailed(f"{error.message}{f' ({said})' if said else ''}") from error
    if description.account_id != access.account_id:
        raise StepFailed(f"they open another account: {description.account_id}")
    return f"they open {description.name}{_describe_token(access)}"


def _describe_token(access: AccountAccess) -> str:
    """Only processors with OAuth tokens that expire can say more, and only of such tokens."""
    if "refresh_token" not in access.credentials:
        return ""
    adapter = get_adapter(access, AccountChecks)
    if not isinstance(adapter, TokenChecks):
        return ""
    try:
        expires_at = adapter.check_token().expires_at
    except DomainError as error:
        raise StepFailed(f"its token: {error.message}") from error
    return f"; the token lasts until {expires_at:%Y-%m-%d %H:%M}" if expires_at else ""
