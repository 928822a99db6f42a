"""Applications, and what accounts allow them.

PUT  applications/{processor}/{client_id}   applications.Application; 200
GET  applications                           all of them, secrets masked
GET  authorizations                         who allowed what, newest first, without tokens
POST authorizations                         {"processor", "client_id", "account_id", "scope"}:
                                            the account says yes; answers {"code": "…"}
POST authorizations/revoke                  the same fields: the account changes its mind
POST authorizations/expire                  its access tokens end now
"""

from typing import Literal
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict

from processors.simulator.applications import Application
from processors.simulator.control.acting import find_account, make_call
from processors.simulator.control.requests import BadRequest, Visit, read_fields, read_model
from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.request_journal import MASK
from processors.simulator.square_api import oauth as square_oauth
from processors.simulator.stripe_api import oauth as stripe_oauth


class _Consent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    processor: Literal["stripe", "square"]
    client_id: str
    account_id: str
    scope: str = "read_write"
    redirect_uri: str | None = None


def put_application(visit: Visit) -> Answer:
    """:raises BadRequest: naming the field; the owner must exist."""
    processor, _, client_id = visit.rest.partition("/")
    named = {"processor": processor, "client_id": unquote(client_id)}
    application = read_model(Application, {**read_fields(visit.request), **named})
    find_account(visit, application.processor, application.account_id)
    if processor == "square" and not application.client_secret:
        raise BadRequest("client_secret: Square applications have one", "client_secret")
    visit.simulation.applications.put(application)
    return json_answer(200, _describe(application))


def list_applications(visit: Visit) -> Answer:
    described = [_describe(each) for each in visit.simulation.applications.list_all()]
    return json_answer(200, {"applications": described})


def _describe(application: Application) -> Json:
    masked = {"client_secret": MASK} if application.client_secret else {}
    return application.model_dump() | masked


def list_authorizations(visit: Visit) -> Answer:
    return json_answer(200, {"authorizations": visit.simulation.authorizations.list_all()})


def change(visit: Visit) -> Answer:
    """Allow, revoke or expire."""
    given = read_model(_Consent, read_fields(visit.request))
    application = visit.simulation.applications.find(given.processor, given.client_id)
    if application is None:
        raise BadRequest(f"There is no application {given.client_id}.", "client_id")
    with visit.simulation.store.transaction():
        if not visit.rest:
            return _allow(visit, application, given)
        if visit.rest == "revoke":
            return _revoke(visit, application, given)
        if visit.rest == "expire":
            return _expire(visit, given)
    raise BadRequest(f"There is no {visit.request.path}.", status=404)


def _allow(visit: Visit, application: Application, given: _Consent) -> Answer:
    find_account(visit, given.processor, given.account_id)
    registered = application.redirect_uris[0] if application.redirect_uris else ""
    simulation = visit.simulation
    code = simulation.authorizations.add_code(
        application,
        given.account_id,
        scope=given.scope,
        uri=given.redirect_uri or registered,
        now_ms=simulation.clock.now_ms(),
    )
    return json_answer(201, {"code": code})


def _revoke(visit: Visit, application: Application, given: _Consent) -> Answer:
    call = make_call(visit, find_account(visit, given.processor, given.account_id))
    if given.processor == "stripe":
        is_revoked = stripe_oauth.revoke(call, application, given.account_id)
    else:
        is_revoked = square_oauth.revoke(call, application, given.account_id, revoker="MERCHANT")
    if not is_revoked:
        raise _not_allowed(given)
    return json_answer(200, {"revoked": True})


def _expire(visit: Visit, given: _Consent) -> Answer:
    authorizations = visit.simulation.authorizations
    live = authorizations.find_live(given.processor, given.client_id, given.account_id)
    if live is None:
        raise _not_allowed(given)
    authorizations.expire_tokens(live, visit.simulation.clock.now_ms())
    return json_answer(200, {"expired": True})


def _not_allowed(given: _Consent) -> BadRequest:
    message = f"{given.account_id} does not allow {given.client_id} anything."
    return BadRequest(message, "account_id", status=409)
