"""Kitchen: what is cooked in, drunk from and kept in."""

from __future__ import annotations

from webapp.demo.words.kind import Kind

KINDS = (
    Kind(
        key="saucepan",
        path=("Kitchen", "Cookware", "Saucepans"),
        nouns=("Saucepan", "Milk Pan", "Sauce Pot"),
        loose_noun="Pot",
        materials=("Enamel", "Stainless Steel", "Aluminium", "Copper"),
        sizes=("14 cm", "16 cm", "18 cm", "20 cm"),
        features=(
            "The thick base of this {noun} spreads heat evenly, so sauces do not catch.",
            "A stay-cool handle and a pouring lip on both sides make it easy to use.",
            "Suitable for gas, ceramic and induction hobs.",
            "The {size} pan holds enough porridge or soup for two.",
            "Marks on the inside save you a measuring jug.",
            "Made of {material}, it goes from the hob to the table.",
        ),
        specifications=(
            ("Diameter", ("14 cm", "16 cm", "18 cm", "20 cm")),
            ("Capacity", ("1.2 l", "1.5 l", "2 l", "2.6 l")),
            ("Induction", ("Yes", "No")),
            ("Dishwasher safe", ("Yes", "No")),
        ),
        price=(14, 62),
        alike=("candle", "vase"),
    ),
    Kind(
        key="frying_pan",
        path=("Kitchen", "Cookware", "Frying Pans"),
        nouns=("Frying Pan", "Skillet", "Omelette Pan"),
        loose_noun="Pan",
        materials=("Cast Iron", "Aluminium", "Carbon Steel", "Stainless Steel"),
        sizes=("20 cm", "24 cm", "28 cm"),
        features=(
            "Eggs slide off the non-stick coating with hardly any oil.",
            "This {noun} heats up fast and keeps its heat when the steak goes in.",
            "The {material} body can go into the oven up to 220 degrees.",
            "Low sloping sides make turning pancakes simple.",
            "A riveted handle stays firm for years.",
            "Wipe it with a soft cloth after cooking; it needs no soap.",
        ),
        specifications=(
            ("Diameter", ("20 cm", "24 cm", "28 cm")),
            ("Coating", ("Ceramic", "Non-stick", "None")),
            ("Induction", ("Yes", "No")),
            ("Weight", ("0.8 kg", "1.1 kg", "1.9 kg")),
        ),
        price=(12, 75),
        alike=("wall_clock", "dumbbell"),
    ),
    Kind(
        key="mug",
        path=("Kitchen", "Drinkware", "Mugs"),
        nouns=("Coffee Mug", "Mug", "Tea Mug"),
        loose_noun="Cup",
        materials=("Stoneware", "Porcelain", "Enamel", "Glass"),
        sizes=("250 ml", "330 ml", "400 ml"),
        features=(
            "A generous {size} {noun} for the first coffee of the day.",
            "The handle is wide enough for three fingers.",
            "Glazed by hand, so no two are quite alike.",
            "Goes into the microwave and the dishwasher.",
            "The thick {material} wall keeps tea warm for longer.",
            "The print will not fade in the wash.",
        ),
        specifications=(
            ("Capacity", ("250 ml", "330 ml", "400 ml")),
            ("Microwave safe", ("Yes", "No")),
            ("Dishwasher safe", ("Yes", "No")),
            ("Pack of", ("1", "2", "4", "6")),
        ),
        price=(5, 24),
        alike=("candle", "vase", "brush_set"),
    ),
    Kind(
        key="jar",
        path=("Kitchen", "Storage", "Storage Jars"),
        nouns=("Storage Jar", "Airtight Canister", "Biscuit Jar"),
        loose_noun="Jar",
        materials=("Glass", "Stoneware", "Bamboo", "Ceramic"),
        sizes=("500 ml", "750 ml", "1 l", "1.5 l"),
        features=(
            "The airtight lid keeps pasta, flour and biscuits fresh.",
            "A label on the front tells sugar from salt.",
            "Several of one size stack neatly on a shelf of the pantry.",
            "Clear {material} shows at a glance what is running out.",
            "The wide neck lets a whole hand in for cleaning.",
            "Comes with a silicone seal that can be taken off and washed.",
        ),
        specifications=(
            ("Capacity", ("500 ml", "750 ml", "1 l", "1.5 l")),
            ("Lid", ("Bamboo", "Cork", "Screw", "Clip")),
            ("Food safe", ("Yes",)),
            ("Pack of", ("1", "2", "3", "6")),
        ),
        price=(6, 34),
        alike=("cream_jar", "candle", "vase"),
    ),
)
