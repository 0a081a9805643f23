"""What the JSON API takes and gives; the OpenAPI document is made of these."""

from __future__ import annotations

from apiflask import Schema
from apiflask.fields import Boolean, DateTime, Float, Integer, List, Nested, Raw, String
from apiflask.validators import Length, OneOf, Range

from webapp.domain.look_alikes import AT_MOST
from webapp.domain.review import Verdict

VERDICTS = [verdict.value for verdict in Verdict if verdict is not Verdict.UNDONE]
MAX_ID = 2**31 - 1


class CategoryAnswer(Schema):
    """A category that a product can get."""

    id = Integer(required=True)
    path = String(required=True)


class OptionAnswer(CategoryAnswer):
    """A category and its probability, null where none may be shown."""

    probability = Float(allow_none=True)


class ImageAnswer(Schema):
    """An image of a product; its addresses take the bearer token too."""

    display_url = String(required=True, metadata={"description": "at most 1000 px a side"})
    thumb_url = String(required=True, metadata={"description": "at most 240 px a side"})
    width_px = Integer(allow_none=True)
    height_px = Integer(allow_none=True)


class SpecificationAnswer(Schema):
    """One line of a product's specifications."""

    key = String(required=True)
    value = String(required=True)


class ProductAnswer(Schema):
    """A product as its seller describes it."""

    id = Integer(required=True)
    external_id = String(required=True)
    name = String(required=True)
    description = String(required=True)
    specifications = List(Nested(SpecificationAnswer), required=True)
    brand = String(required=True)
    price = String(required=True)
    source_path = String(
        required=True, metadata={"description": "the seller's claim; empty where it is hidden"}
    )
    images = List(Nested(ImageAnswer), required=True)


class PredictionAnswer(Schema):
    """What the live round says of a product."""

    round = Integer(allow_none=True, metadata={"description": "number of the round"})
    category = String(required=True, metadata={"description": "path of the likeliest category"})
    category_id = Integer(required=True)
    probability = Float(required=True)
    categories = List(
        Nested(OptionAnswer), required=True, metadata={"description": "likeliest first"}
    )
    text = Nested(OptionAnswer, allow_none=True, metadata={"description": "text alone"})
    image = Nested(OptionAnswer, allow_none=True, metadata={"description": "image alone"})


class LookAlikeAnswer(Schema):
    """An undecided near-duplicate of a claimed product, which a decision may take along."""

    product_id = Integer(required=True)
    external_id = String(required=True)
    name = String(required=True)
    thumb_url = String(allow_none=True, metadata={"description": "at most 240 px a side"})
    suggestion = Nested(OptionAnswer, allow_none=True)
    is_held = Boolean(required=True, metadata={"description": "somebody else has it now"})


class ClaimAnswer(Schema):
    """A product that is lent to the person of the token."""

    product = Nested(ProductAnswer, required=True)
    prediction = Nested(
        PredictionAnswer,
        allow_none=True,
        metadata={"description": "null before the first round and where it has to stay hidden"},
    )
    is_suggestion_hidden = Boolean(required=True)
    asked_because = String(required=True)
    categories = List(
        Nested(OptionAnswer), required=True, metadata={"description": "some to choose from"}
    )
    lease = String(required=True, metadata={"description": "send it back with the decision"})
    lease_until = DateTime(required=True)
    look_alikes = List(
        Nested(LookAlikeAnswer),
        required=True,
        metadata={"description": "empty where the suggestion is hidden"},
    )
    n_look_alikes = Integer(
        required=True, metadata={"description": "how many there are; at most 24 are listed"}
    )


class AnnotationRequest(Schema):
    """A decision on a product that was claimed."""

    product_id = Integer(required=True, strict=True, validate=Range(1, MAX_ID))
    lease = String(required=True, validate=Length(1, 200))
    verdict = String(required=True, validate=OneOf(VERDICTS))
    category = Raw(
        allow_none=True,
        load_default=None,
        metadata={
            "anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}],
            "description": "id or path; needed to confirm and to correct",
        },
    )
    idempotency_key = String(
        required=True,
        validate=Length(1, 100),
        metadata={"description": "sending the same key again counts once"},
    )
    note = String(load_default="", validate=Length(max=2000))
    took_ms = Integer(allow_none=True, load_default=None, strict=True, validate=Range(0, MAX_ID))
    look_alikes = List(
        Integer(strict=True, validate=Range(1, MAX_ID)),
        load_default=list,
        validate=Length(max=AT_MOST),
        metadata={"description": "look-alikes of the claim that shall get the same category"},
    )


class TakenAlongAnswer(Schema):
    """What became of a look-alike that was to be taken along."""

    product_id = Integer(required=True)
    annotation_id = Integer(allow_none=True, metadata={"description": "null where it was left"})
    left_because = String(
        allow_none=True, metadata={"description": "held, decided or not_alike; null where taken"}
    )


class AnnotationAnswer(Schema):
    """A decision that is on disk."""

    id = Integer(required=True)
    product_id = Integer(required=True)
    verdict = String(required=True)
    category_id = Integer(allow_none=True)
    created_at = DateTime(required=True)
    look_alikes = List(Nested(TakenAlongAnswer), required=True)
