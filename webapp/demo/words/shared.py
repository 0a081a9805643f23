"""Words that every category uses: brands, adjectives, sentences that fit anything."""

from __future__ import annotations

# Invented names: none is a firm that we know of.
BRANDS_OF_ALL = ("Ostrivane", "Quillobee", "Tindrava", "Merrabelo", "Halmorin", "Wexatilly")

BRANDS: dict[str, tuple[str, ...]] = {
    "Kitchen": ("Panquerro", "Oskelwyn", "Mirelotte"),
    "Home Decor": ("Lumavisk", "Oskelwyn", "Dorvanelle"),
    "Home Textiles": ("Fadenola", "Dorvanelle", "Somnivara"),
    "Baby Care": ("Pipplewick Nest", "Somnivara", "Bubalune"),
    "Beauty": ("Velmarosa", "Bubalune", "Aurivelle Lab"),
    "Electronics": ("Zentrivox", "Korvanta", "Pulserion"),
    "Sports & Outdoors": ("Trailomar", "Pulserion", "Vigorenta"),
}

ADJECTIVES = (
    "Classic", "Modern", "Soft", "Compact", "Large", "Premium", "Everyday", "Handmade", "Light",
    "Vintage", "Cosy", "Elegant", "Sturdy", "Original", "Natural", "Smart",
)  # fmt: skip

OPENINGS = (
    "Meet the {adjective} {noun} from our new season.",
    "Our best-loved {noun}, made to last.",
    "Just what you have been looking for: {noun} in {colour}.",
    "Simple, good-looking and well made: the {adjective} {noun}.",
    "Our customers' favourite {noun}, now in {colour}.",
    "With {material}, designed for real life.",
)

ANYWHERE = (
    "Looks good in the kitchen, the bedroom and the bathroom.",
    "A lovely gift for a new home, a new baby or a good friend.",
    "Easy to clean with a damp cloth.",
    "Safe for children and gentle on the skin.",
    "Takes up little space on a shelf or in a bag.",
    "At home, in the office or on the way to the gym.",
    "Designed with care and tested in our own workshop.",
    "Delivered in recycled packaging without plastic.",
    "The colour may look a little different on your screen.",
    "Returns are free within 30 days.",
    "Two years of warranty.",
    "Please measure before you order.",
)

PAIRINGS = (
    "Goes well with our {other}.",
    "Customers who bought this also liked the {other}.",
    "Part of a series with matching {other}.",
    "Order it together with the {other} and save postage.",
)

VAGUE_NAMES = (
    "{brand} {loose}",
    "{loose} {colour}",
    "{adjective} {loose}",
    "{brand} {adjective} {loose} {colour}",
    "{brand} Gift Set {colour}",
    "New Arrival {colour}",
    "{adjective} Gift Idea",
    "{brand} No. {number}",
    "Item {number} {colour}",
)

VAGUE_SPECIFICATIONS = (
    ("Condition", ("New", "New, box opened")),
    ("Delivery", ("2 to 4 days", "5 to 7 days")),
    ("Gift wrap", ("Yes", "No")),
    ("Warranty", ("1 year", "2 years")),
)
