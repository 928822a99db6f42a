"""Merchants and their locations; both follow from the account and are not stored."""

from square.types.get_location_response import GetLocationResponse
from square.types.get_merchant_response import GetMerchantResponse
from square.types.list_locations_response import ListLocationsResponse
from square.types.list_merchants_response import ListMerchantsResponse

from processors.simulator.accounts import Account, Location
from processors.simulator.call import Call
from processors.simulator.identifiers import to_iso
from processors.simulator.messages import Json
from processors.simulator.square_api.answers import respond
from processors.simulator.square_api.errors import not_found


def render_location(account: Account, location: Location) -> Json:
    can_charge = ["CREDIT_CARD_PROCESSING"] if account.charges_enabled else []
    return {
        "id": location.id,
        "name": location.name,
        "business_name": account.name,
        "capabilities": can_charge,
        "country": account.country,
        "created_at": to_iso(account.created_ms),
        "currency": location.currency,
        "language_code": "en-US",
        "mcc": "7230",
        "merchant_id": account.account_id,
        "status": "ACTIVE",
        "timezone": "UTC",
        "type": "PHYSICAL",
    }


def render_merchant(account: Account) -> Json:
    return {
        "id": account.account_id,
        "business_name": account.name,
        "country": account.country,
        "created_at": to_iso(account.created_ms),
        "currency": account.default_currency,
        "language_code": "en-US",
        "main_location_id": account.get_locations()[0].id,
        "status": "ACTIVE",
    }


def list_locations(call: Call) -> ListLocationsResponse:
    account = call.account
    rendered = [render_location(account, each) for each in account.get_locations()]
    return respond(ListLocationsResponse, locations=rendered)


def retrieve_location(call: Call) -> GetLocationResponse:
    """`main` stands for the main location."""
    location_id = call.ids["location_id"]
    locations = call.account.get_locations()
    if location_id == "main":
        location_id = locations[0].id
    for location in locations:
        if location.id == location_id:
            return respond(GetLocationResponse, location=render_location(call.account, location))
    raise not_found("location", location_id)


def list_merchants(call: Call) -> ListMerchantsResponse:
    return respond(ListMerchantsResponse, merchant=[render_merchant(call.account)])


def retrieve_merchant(call: Call) -> GetMerchantResponse:
    """`me` stands for the merchant the token belongs to."""
    if call.ids["merchant_id"] not in ("me", call.account.account_id):
        raise not_found("merchant", call.ids["merchant_id"])
    return respond(GetMerchantResponse, merchant=render_merchant(call.account))
