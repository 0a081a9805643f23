"""Electronics: sound, computers and wearables."""

from __future__ import annotations

from webapp.demo.words.kind import Kind

KINDS = (
    Kind(
        key="headphones",
        path=("Electronics", "Audio", "Headphones"),
        nouns=("Wireless Headphones", "Headphones", "Over-Ear Headset"),
        loose_noun="Set",
        materials=("Plastic", "Aluminium", "Faux Leather", "Metal"),
        sizes=("32 mm", "40 mm", "50 mm"),
        features=(
            "Drivers of {size} give deep bass and clear voices.",
            "Noise cancelling hushes trains, offices and neighbours.",
            "Up to 30 hours of music on one charge.",
            "The padded band and cups stay comfortable all day.",
            "Fold the {noun} flat and slip them into the pouch.",
            "A button on the left takes calls and skips songs.",
        ),
        specifications=(
            ("Connection", ("Bluetooth 5.3", "3.5 mm jack", "USB-C")),
            ("Battery life", ("20 h", "30 h", "45 h")),
            ("Noise cancelling", ("Yes", "No")),
            ("Weight", ("190 g", "240 g", "280 g")),
        ),
        price=(19, 189),
        alike=("dumbbell", "table_lamp"),
    ),
    Kind(
        key="laptop",
        path=("Electronics", "Computers", "Laptops"),
        nouns=("Laptop", "Notebook Computer", "Ultrabook"),
        loose_noun="Notebook",
        materials=("Aluminium", "Plastic", "Magnesium", "Metal"),
        sizes=("13 inch", "14 inch", "15.6 inch"),
        features=(
            "The {size} screen is bright enough for a café terrace.",
            "Starts in seconds and runs silently without a fan.",
            "A full keyboard with light under every key.",
            "The {material} case weighs little and forgives a bump in the bag.",
            "Charges over USB-C and lasts a working day.",
            "Enough memory for forty tabs and a video call.",
        ),
        specifications=(
            ("Screen", ("13 inch", "14 inch", "15.6 inch")),
            ("Memory", ("8 GB", "16 GB", "32 GB")),
            ("Storage", ("256 GB", "512 GB", "1 TB")),
            ("Battery life", ("8 h", "12 h", "18 h")),
        ),
        price=(349, 1490),
        alike=("photo_frame",),
    ),
    Kind(
        key="smartwatch",
        path=("Electronics", "Wearables", "Smartwatches"),
        nouns=("Smartwatch", "Fitness Watch", "Fitness Tracker"),
        loose_noun="Clock",
        materials=("Silicone", "Aluminium", "Stainless Steel", "Faux Leather"),
        sizes=("40 mm", "42 mm", "45 mm"),
        features=(
            "Counts steps, sleep and heartbeats, day and night.",
            "The always-on dial shows time and messages at a glance.",
            "Waterproof to 50 metres, so swim and shower with it.",
            "The strap of {material} is changed without tools.",
            "Runs seven days before the {noun} needs its charger.",
            "Twenty sports from yoga to cycling are built in.",
        ),
        specifications=(
            ("Case", ("40 mm", "42 mm", "45 mm")),
            ("Display", ("AMOLED", "LCD", "Analogue")),
            ("Battery life", ("2 days", "7 days", "14 days")),
            ("Waterproof", ("Yes", "No")),
        ),
        price=(29, 249),
        alike=("wall_clock", "dumbbell"),
    ),
    Kind(
        key="speaker",
        path=("Electronics", "Audio", "Speakers"),
        nouns=("Bluetooth Speaker", "Portable Speaker", "Wireless Speaker"),
        loose_noun="Box",
        materials=("Fabric", "Wood", "Plastic", "Aluminium"),
        sizes=("10 W", "20 W", "40 W"),
        features=(
            "Fills a room or a picnic with {size} of clear sound.",
            "Splashes of rain or pool water do not harm it.",
            "Pair two of them for real stereo.",
            "The {material} front hides two drivers and a bass port.",
            "Twelve hours of music on one charge, or plug the {noun} in.",
            "Touch the top to pause, turn it up or take a call.",
        ),
        specifications=(
            ("Output", ("10 W", "20 W", "40 W")),
            ("Connection", ("Bluetooth 5.3", "3.5 mm jack", "Wi-Fi")),
            ("Battery life", ("8 h", "12 h", "24 h")),
            ("Waterproof", ("Yes", "No")),
        ),
        price=(17, 159),
        alike=("yoga_mat", "table_lamp"),
    ),
)
