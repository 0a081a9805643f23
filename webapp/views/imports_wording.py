"""Names of the fields of a product, as the import pages show them."""

from __future__ import annotations

from flask_babel import gettext


def field_names() -> dict[str, str]:
    """Return what each field is called, in the order of the form."""
    return {
        "external_id": gettext("Id"),
        "name": gettext("Name"),
        "description": gettext("Description"),
        "category": gettext("Category"),
        "image": gettext("Image file"),
        "brand": gettext("Brand"),
        "price": gettext("Price"),
        "specifications": gettext("Specifications"),
    }
