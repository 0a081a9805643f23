"""Baby Care: feeding, clothing, nursery and first toys."""

from __future__ import annotations

from webapp.demo.words.kind import Kind

KINDS = (
    Kind(
        key="baby_bottle",
        path=("Baby Care", "Feeding", "Baby Bottles"),
        nouns=("Baby Bottle", "Feeding Bottle", "Anti-Colic Bottle"),
        loose_noun="Bottle",
        materials=("Glass", "Polypropylene", "Silicone", "Plastic"),
        sizes=("120 ml", "240 ml", "330 ml"),
        features=(
            "The soft silicone teat has a slow flow for newborns.",
            "A valve lets air in, so there is less colic after a feed.",
            "Clear marks on the side show every 20 ml of milk.",
            "All parts of the {noun} can be boiled, and none holds BPA.",
            "The {size} {material} body is easy for small hands to grip.",
            "The wide neck makes filling and cleaning easy.",
        ),
        specifications=(
            ("Capacity", ("120 ml", "240 ml", "330 ml")),
            ("Age", ("0 to 6 months", "6 months and up")),
            ("BPA free", ("Yes",)),
            ("Dishwasher safe", ("Yes", "No")),
        ),
        price=(5, 22),
        alike=("water_bottle", "shampoo"),
    ),
    Kind(
        key="blanket",
        path=("Baby Care", "Nursery", "Baby Blankets"),
        nouns=("Baby Blanket", "Swaddle Blanket", "Pram Blanket"),
        loose_noun="Cloth",
        materials=("Cotton", "Muslin", "Fleece", "Bamboo Viscose"),
        sizes=("75 x 100 cm", "80 x 80 cm", "100 x 120 cm"),
        features=(
            "Wraps a newborn snugly for a nap in pram, cot or car seat.",
            "Two layers of {material} let the skin breathe.",
            "Stays soft wash after wash at 40 degrees.",
            "The {size} {noun} later becomes a play mat.",
            "Rounded corners and flat seams have nothing to chafe.",
            "Tested for harmful substances.",
        ),
        specifications=(
            ("Size", ("75 x 100 cm", "80 x 80 cm", "100 x 120 cm")),
            ("Age", ("From birth", "3 months and up")),
            ("Washing", ("40 degrees", "60 degrees")),
            ("Pack of", ("1", "2", "3")),
        ),
        price=(9, 38),
        alike=("towel", "yoga_mat", "cushion"),
    ),
    Kind(
        key="bodysuit",
        path=("Baby Care", "Clothing", "Bodysuits"),
        nouns=("Baby Bodysuit", "Bodysuit", "Romper"),
        loose_noun="Set",
        materials=("Cotton", "Organic Cotton", "Jersey", "Wool"),
        sizes=("0-3 months", "3-6 months", "6-9 months", "9-12 months"),
        features=(
            "Snaps between the legs make changing nappies quick.",
            "The envelope neck goes over a baby's head without a fuss.",
            "Stretchy {material} that moves with every kick.",
            "Printed without chemicals that irritate; nothing scratches.",
            "Wash the {noun} inside out and it keeps its {colour}.",
            "Fits babies of {size}, with a little room to grow.",
        ),
        specifications=(
            ("Size", ("0-3 months", "3-6 months", "6-9 months", "9-12 months")),
            ("Sleeves", ("Long", "Short")),
            ("Washing", ("40 degrees", "60 degrees")),
            ("Pack of", ("1", "2", "3", "5")),
        ),
        price=(6, 29),
        alike=("backpack", "towel"),
    ),
    Kind(
        key="soft_toy",
        path=("Baby Care", "Toys", "Soft Toys"),
        nouns=("Cuddly Toy", "Soft Toy", "Plush Animal"),
        loose_noun="Friend",
        materials=("Plush", "Cotton", "Fleece", "Velvet"),
        sizes=("20 cm", "28 cm", "35 cm"),
        features=(
            "A cuddly friend that is soft enough for the first day.",
            "The eyes are stitched on, so nothing can be swallowed.",
            "Sits {size} tall and fits under one small arm.",
            "Filled with recycled fibre and covered in {material}.",
            "Survives the washing machine in a pillowcase.",
            "Hugs, drool and being dragged along the floor are no problem.",
        ),
        specifications=(
            ("Height", ("20 cm", "28 cm", "35 cm")),
            ("Age", ("From birth", "1 year and up")),
            ("Washing", ("30 degrees", "By hand")),
            ("Filling", ("Polyester", "Cotton")),
        ),
        price=(8, 34),
        alike=("cushion", "beach_ball"),
    ),
)
