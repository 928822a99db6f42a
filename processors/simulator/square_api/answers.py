"""The SDK's response models as HTTP answers."""

from typing import Any, TypeVar

from pydantic import BaseModel

from processors.simulator.messages import Answer, Json, json_answer
from processors.simulator.objects import visible

Response = TypeVar("Response", bound=BaseModel)


def respond(response: type[Response], **fields: Any) -> Response:
    """The SDK's response model from our JSON objects, without their underscored keys."""
    return response.model_validate({name: _visible(value) for name, value in fields.items()})


def _visible(value: Any) -> Any:
    return visible(value) if isinstance(value, dict) else value


def model_answer(status: int, model: BaseModel) -> Answer:
    """The model in Square's spelling, without absent fields."""
    return json_answer(status, model_body(model))


def model_body(model: BaseModel) -> Json:
    """The model as a JSON object.

    The SDK's own serialization walks all type hints again and takes a hundred times as long.
    """
    return BaseModel.model_dump(model, by_alias=True, exclude_none=True)
