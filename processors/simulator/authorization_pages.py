"""The pages where an account allows an application to act for it, at either vendor.

    /stripe/oauth/authorize    /square/oauth2/authorize

A person chooses the account and answers. A program adds `simulator_account` and `simulator_answer`
(approve or deny) to the address, or the application's `auto_account_id` answers every time.
"""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from processors.simulator.accounts import Account
from processors.simulator.applications import Application
from processors.simulator.messages import Answer, Json, Request, html_answer
from processors.simulator.simulation import Simulation

_PATHS = {"/stripe/oauth/authorize": "stripe", "/square/oauth2/authorize": "square"}
_ANSWERS = ("approve", "deny")
_SCOPES = {"stripe": "read_only", "square": "MERCHANT_PROFILE_READ PAYMENTS_READ"}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<body style="font: 1.1rem system-ui; max-width: 32rem; margin: 3rem auto; padding: 0 1rem">
<h1>{title}</h1>{content}</body></html>"""


class _Refused(Exception):
    """The request cannot be sent back to where it came from, so a page says what is wrong."""


class AuthorizationPages:
    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def owns(self, path: str) -> bool:
        return path in _PATHS

    def answer(self, request: Request) -> Answer:
        """Ask, or send the browser back with a code or a refusal. Journaled; never raises."""
        entry = self._simulation.requests.begin(request, self._simulation.clock.now_ms())
        given = dict(parse_qsl(request.query, keep_blank_values=True))
        if request.method == "POST":
            given |= dict(parse_qsl(request.body.decode(errors="replace")))
        try:
            answer = self._respond(_PATHS[request.path], given)
        except _Refused as refused:
            content = f"<p>{escape(str(refused))}</p>"
            answer = html_answer(400, _PAGE.format(title="Not possible", content=content))
        account_id = given.get("simulator_account")
        self._simulation.requests.finish(entry, answer, account_id=account_id, key=None, fault=None)
        return answer

    def _respond(self, processor: str, given: Json) -> Answer:
        application = self._find_application(processor, given)
        uri = _choose_uri(application, given)
        account_id = given.get("simulator_account") or application.auto_account_id
        said = given.get("simulator_answer") or (account_id and application.auto_answer)
        if said not in _ANSWERS:
            return self._ask(application, given)
        if said == "deny":
            return _send_back(uri, given, **_describe_denial(processor))
        account = self._simulation.accounts.find(processor, account_id or "")
        if account is None:
            raise _Refused(f"There is no {processor} account {account_id}.")
        return self._approve(application, account, uri, given)

    def _find_application(self, processor: str, given: Json) -> Application:
        client_id = given.get("client_id") or ""
        application = self._simulation.applications.find(processor, client_id)
        if application is None:
            raise _Refused(f"No application matches the supplied client_id {client_id}.")
        if processor == "stripe" and given.get("response_type") != "code":
            raise _Refused("response_type must be code.")
        return application

    def _approve(self, application: Application, account: Account, uri: str, given: Json) -> Answer:
        scope = given.get("scope") or _SCOPES[application.processor]
        code = self._simulation.authorizations.add_code(
            application,
            account.account_id,
            scope=scope,
            uri=uri,
            now_ms=self._simulation.clock.now_ms(),
        )
        if application.processor == "stripe":
            return _send_back(uri, given, scope=scope, code=code)
        return _send_back(uri, given, code=code, response_type="code")

    def _ask(self, application: Application, given: Json) -> Answer:
        accounts = [
            account
            for account in self._simulation.accounts.list_all()
            if account.processor == application.processor
            and account.account_id != application.account_id
        ]
        options = "".join(
            f'<option value="{escape(each.account_id)}">{escape(each.name)}'
            f" ({escape(each.account_id)})</option>"
            for each in accounts
        )
        scope = escape(given.get("scope") or _SCOPES[application.processor])
        content = (
            f"<p>{escape(application.name)} asks for: {scope}</p>"
            f'<form method="post"><p><label>Account <select name="simulator_account">{options}'
            "</select></label></p>"
            '<button name="simulator_answer" value="approve">Allow</button> '
            '<button name="simulator_answer" value="deny">Deny</button></form>'
        )
        title = f"Connect with {application.processor.title()}"
        return html_answer(200, _PAGE.format(title=title, content=content))


def _choose_uri(application: Application, given: Json) -> str:
    """The address to send the browser back to, one of those the application has registered."""
    uri: str | None = given.get("redirect_uri")
    if uri is None and application.redirect_uris:
        return application.redirect_uris[0]
    if uri is None or uri not in application.redirect_uris:
        raise _Refused(f"Invalid redirect URI {uri}: the application has not registered it.")
    return uri


def _describe_denial(processor: str) -> dict[str, str]:
    denied = "The user denied your request" if processor == "stripe" else "user_denied"
    return {"error": "access_denied", "error_description": denied}


def _send_back(uri: str, given: Json, **parameters: str) -> Answer:
    if "state" in given:
        parameters["state"] = given["state"]
    joint = "&" if urlsplit(uri).query else "?"
    return Answer(302, b"", headers={"Location": f"{uri}{joint}{urlencode(parameters)}"})
