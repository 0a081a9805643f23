"""Home Textiles: cloth for bed, bath and window."""

from __future__ import annotations

from webapp.demo.words.kind import Kind

KINDS = (
    Kind(
        key="cushion",
        path=("Home Textiles", "Living Room", "Cushions"),
        nouns=("Cushion Cover", "Cushion", "Throw Pillow"),
        loose_noun="Cover",
        materials=("Cotton", "Linen", "Velvet", "Polyester"),
        sizes=("40 x 40 cm", "45 x 45 cm", "30 x 50 cm"),
        features=(
            "Adds a touch of colour to the sofa or the reading corner.",
            "The hidden zip makes the {noun} easy to take off and wash.",
            "Soft {material} with a firm, feather-free filling.",
            "Mix two or three patterns for a cosy look.",
            "Piped edges keep the shape of the {size} pad.",
            "Printed on both sides.",
        ),
        specifications=(
            ("Size", ("40 x 40 cm", "45 x 45 cm", "30 x 50 cm")),
            ("Filling", ("Polyester", "None", "Feather-free")),
            ("Washing", ("30 degrees", "40 degrees", "By hand")),
            ("Closure", ("Zip", "Envelope", "Buttons")),
        ),
        price=(8, 36),
        alike=("blanket", "soft_toy", "backpack"),
    ),
    Kind(
        key="towel",
        path=("Home Textiles", "Bath Linen", "Towels"),
        nouns=("Bath Towel", "Hand Towel Set", "Towel Set"),
        loose_noun="Cloth",
        materials=("Cotton", "Terry Cotton", "Bamboo Viscose", "Linen"),
        sizes=("50 x 100 cm", "70 x 140 cm", "80 x 160 cm"),
        features=(
            "Thick {material} loops soak up water and dry quickly.",
            "Stays soft and fluffy wash after wash.",
            "A loop on the long side hangs the {noun} by any hook.",
            "The woven border in {colour} goes with every bathroom.",
            "500 grams a square metre: the quality of a good hotel.",
            "Gentle on the skin, even for children.",
        ),
        specifications=(
            ("Size", ("50 x 100 cm", "70 x 140 cm", "80 x 160 cm")),
            ("Weight", ("400 g/m2", "500 g/m2", "600 g/m2")),
            ("Washing", ("40 degrees", "60 degrees")),
            ("Pack of", ("1", "2", "4", "6")),
        ),
        price=(7, 44),
        alike=("blanket", "yoga_mat"),
    ),
    Kind(
        key="curtain",
        path=("Home Textiles", "Windows", "Curtains"),
        nouns=("Curtain Pair", "Blackout Curtains", "Eyelet Curtains"),
        loose_noun="Panel",
        materials=("Polyester", "Linen", "Cotton", "Velvet"),
        sizes=("140 x 175 cm", "140 x 225 cm", "140 x 245 cm"),
        features=(
            "Keeps the morning sun out of the bedroom and the warmth in.",
            "Eight eyelets a panel glide along every common rail.",
            "The {material} falls in even folds without ironing.",
            "Two panels of {size} cover a window of average width.",
            "Tie-backs of the same fabric come with the {noun}.",
            "The hem can be shortened with the tape enclosed.",
        ),
        specifications=(
            ("Size", ("140 x 175 cm", "140 x 225 cm", "140 x 245 cm")),
            ("Heading", ("Eyelet", "Pencil pleat", "Tab top")),
            ("Light", ("Blackout", "Dimming", "Sheer")),
            ("Pack of", ("1", "2")),
        ),
        price=(18, 79),
        alike=("photo_frame", "bodysuit"),
    ),
    Kind(
        key="bed_linen",
        path=("Home Textiles", "Bedding", "Duvet Covers"),
        nouns=("Duvet Cover Set", "Bed Linen", "Duvet Cover"),
        loose_noun="Set",
        materials=("Cotton", "Flannel", "Linen", "Satin"),
        sizes=("135 x 200 cm", "155 x 220 cm", "200 x 200 cm"),
        features=(
            "Cool {material} in summer, cosy in winter.",
            "The set is one duvet cover of {size} and one pillowcase.",
            "Buttons at the foot keep the duvet where it belongs.",
            "Softer with every wash, and no ironing if you shake it out.",
            "A calm pattern on one side, plain {colour} on the other.",
            "Comes in sizes from a baby's cot to a double bed.",
        ),
        specifications=(
            ("Size", ("135 x 200 cm", "155 x 220 cm", "200 x 200 cm")),
            ("Thread count", ("144", "200", "300")),
            ("Washing", ("40 degrees", "60 degrees")),
            ("Closure", ("Zip", "Buttons", "Envelope")),
        ),
        price=(19, 88),
        alike=("blanket", "yoga_mat"),
    ),
)
