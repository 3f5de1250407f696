"""The company, its places and its catalogue: styles, and their variants by colour and size."""

from __future__ import annotations

import random
from collections.abc import Iterator

from data.demo.batches import Row
from data.demo.people import first_number
from data.demo.story_time import StoryTime

PRODUCT_COLUMNS = (
    "PRODUCT_ID PRODUCT_TYPE_ID INTERNAL_NAME PRODUCT_NAME BRAND_NAME IS_VIRTUAL IS_VARIANT"
    " CREATED_STAMP LAST_UPDATED_STAMP"
)
ASSOC_COLUMNS = "PRODUCT_ID PRODUCT_ID_TO PRODUCT_ASSOC_TYPE_ID"
IDENTIFICATION_COLUMNS = "PRODUCT_ID GOOD_IDENTIFICATION_TYPE_ID ID_VALUE"
FEATURE_COLUMNS = "PRODUCT_FEATURE_ID PRODUCT_FEATURE_TYPE_ID DESCRIPTION"
APPL_COLUMNS = "PRODUCT_ID PRODUCT_FEATURE_ID PRODUCT_FEATURE_APPL_TYPE_ID"
FACILITY_COLUMNS = (
    "FACILITY_ID FACILITY_TYPE_ID FACILITY_NAME EXTERNAL_ID ADDRESS CREATED_STAMP"
    " LAST_UPDATED_STAMP"
)
STORE_COLUMNS = "PRODUCT_STORE_ID STORE_NAME COMPANY_NAME CREATED_STAMP LAST_UPDATED_STAMP"

STORE = ("STORE", "Larkfield & Rowe", "Larkfield & Rowe Outfitters, Inc.")
WAREHOUSE, SECOND_WAREHOUSE, SHOP = "WH1", "WH2", "RS1"

FACILITIES: tuple[tuple[str, str, str, str | None, str | None], ...] = (
    (WAREHOUSE, "WAREHOUSE", "Main warehouse", "LR-100", "2200 Foundry Road, Portland, OR 97210"),
    (SECOND_WAREHOUSE, "WAREHOUSE", "East warehouse", "LR-200", "75 Dock Street, Newark, NJ 07114"),
    (SHOP, "RETAIL_STORE", "Alder Street shop", "LR-301", "418 Alder Street, Portland, OR 97205"),
    ("_NA_", "NA", "Brokering Queue", None, None),
    ("PRE_ORDER_PARKING", "PRE_ORDER", "Pre-order Parking", None, None),
    ("BACKORDER_PARKING", "BACKORDER", "Backorder Parking", None, None),
    ("UNFILLABLE_PARKING", "NA", "Unfillable Parking", None, None),
    ("UNF_HOLD_PARKING", "NA", "Unfillable Hold Parking", None, None),
    ("REJECTED_ITM_PARKING", "NA", "Rejected Item Parking", None, None),
    ("PICKUP_REJECTED", "NA", "Pickup Rejected", None, None),
    ("GENERAL_OPS_PARKING", "GENERAL_OPERATIONS", "General Operations Parking", None, None),
    ("RELEASED_ORD_PARKING", "RELEASED_ORD", "Released Order Parking", None, None),
)

_BRANDS = ("Larkfield", "Rowe & Daughters", "Tidemark", "Fennel", "North Quay")
_FIRST_WORDS = (
    "Marlow Bracken Cinder Dunmore Ember Fallow Gannet Harrow Inverey Juniper Kestrel Linden Moss "
    "Nettle Osprey Pebble Quill Rowan Sable Thistle Umber Vesper Wren Yarrow Zephyr Aspen Birch "
    "Cobble Drift Elder Fern Glen Hazel Isla Jasper Knoll Larch Mallow Nimbus Orchard Plover "
    "Reed Saffron Tarn Ursa Violet Willow Alder Briar Cove Dapple Eider Flint Grove Heath Iris"
)
_LETTERS = ("XS", "S", "M", "L", "XL", "XXL")
_WAISTS = ("28", "30", "32", "34", "36", "38")
_SHOES = ("37", "38", "39", "40", "41", "42", "43", "44")
_GARMENTS: tuple[tuple[str, tuple[str, ...], int], ...] = (
    ("Hoodie", _LETTERS, 69), ("Overshirt", _LETTERS, 98), ("Crew Sweater", _LETTERS, 89),
    ("Chino", _WAISTS, 79), ("Parka", _LETTERS, 245), ("Rain Shell", _LETTERS, 180),
    ("Oxford Shirt", _LETTERS, 75), ("Selvedge Jean", _WAISTS, 135), ("Tee", _LETTERS, 32),
    ("Cardigan", _LETTERS, 110), ("Down Vest", _LETTERS, 140), ("Trail Boot", _SHOES, 190),
    ("Linen Dress", _LETTERS, 120), ("Midi Skirt", _LETTERS, 84), ("Polo", _LETTERS, 55),
    ("Fleece", _LETTERS, 95), ("Jogger", _LETTERS, 65), ("Peacoat", _LETTERS, 280),
    ("Canvas Sneaker", _SHOES, 85), ("Base Layer", _LETTERS, 58), ("Wrap Blouse", _LETTERS, 72),
    ("Cargo Short", _WAISTS, 62), ("Turtleneck", _LETTERS, 78), ("Field Jacket", _LETTERS, 198),
    ("Beanie", ("OS",), 28), ("Wool Scarf", ("OS",), 48), ("Loafer", _SHOES, 145),
    ("Pyjama Set", _LETTERS, 88), ("Cord Trouser", _WAISTS, 92), ("Quilted Gilet", _LETTERS, 115),
    ("Henley", _LETTERS, 45), ("Swim Short", _LETTERS, 54), ("Anorak", _LETTERS, 160),
    ("Jumpsuit", _LETTERS, 149), ("Denim Jacket", _LETTERS, 125), ("Kilt Skirt", _WAISTS, 105),
)  # fmt: skip
_COLOURS: tuple[tuple[str, str], ...] = (
    ("Navy", "NVY"), ("Black", "BLK"), ("Oat", "OAT"), ("Olive", "OLV"), ("Brick", "BRK"),
    ("Slate", "SLT"), ("Crème", "CRM"), ("Forest", "FOR"), ("Rust", "RST"), ("Sky", "SKY"),
    ("Charcoal", "CHA"), ("Plum", "PLM"), ("Mustard", "MST"), ("Ivory", "IVR"), ("Teal", "TEA"),
    ("Sand", "SND"),
)  # fmt: skip
_KNOWN_SINCE = -210


def upc_check_digit(digits: str) -> str:
    """The twelfth digit of a UPC-A code whose first eleven are ``digits``."""
    odd, even = sum(map(int, digits[0::2])), sum(map(int, digits[1::2]))
    return str(-(3 * odd + even) % 10)


class Catalogue:
    """Styles and variants for a demo of ``orders`` sales orders.

    A variant is known by its index into the lists here.
    """

    def __init__(self, orders: int, seed: int) -> None:
        self._rng = random.Random(f"catalogue/{seed}")
        # About 300 variants for 2,000 orders and 50,000 for 1,000,000.
        self.size = max(24, round(300 * (orders / 2000) ** 0.823))
        self.ids: list[str] = []
        self.skus: list[str] = []
        self.descriptions: list[str] = []
        self.prices: list[float] = []
        self.is_new: list[bool] = []  # pre-order when sold ahead, else backorder
        self._styles: list[tuple[str, str, str, str]] = []  # id, SKU, name, brand
        self._style_of: list[int] = []
        self._features: dict[tuple[str, str], str] = {}
        self._variant_features: list[tuple[str, str]] = []
        self._fill()
        # Which variants sell best is no matter of their place in the catalogue.
        self.by_popularity = list(range(self.size))
        self._rng.shuffle(self.by_popularity)
        # The best sellers are the ones that are sold ahead of stock and bought again.
        self.sold_ahead = self.by_popularity[: max(12, self.size * 3 // 5)]

    def _fill(self) -> None:
        rng = self._rng
        number = first_number(self.size * 5 // 4)
        names = [
            (first, garment) for garment in range(len(_GARMENTS)) for first in _FIRST_WORDS.split()
        ]
        rng.shuffle(names)
        of_initials: dict[str, int] = {}
        while len(self.ids) < self.size:
            turn, place = divmod(len(self._styles), len(names))
            first, garment_index = names[place]
            garment, sizes, price = _GARMENTS[garment_index]
            name = f"{first} {garment}" + (f" {turn + 1}" if turn else "")
            initials = first[0] + garment[0]
            of_initials[initials] = of_initials.get(initials, 0) + 1
            style_sku = f"{initials}-{of_initials[initials]:02d}"
            self._styles.append((str(number), style_sku, name, rng.choice(_BRANDS)))
            number += 1
            is_new = rng.random() < 0.65
            style_price = price + rng.choice((-10, -5, 0, 0, 5, 10)) + rng.choice((0.0, 0.5, 0.95))
            for colour, code in rng.sample(_COLOURS, rng.randint(2, 4)):
                for size in sizes:
                    if len(self.ids) == self.size:
                        break
                    self.ids.append(str(number))
                    number += 1
                    self.skus.append(f"{style_sku}-{code}-{size}")
                    self.descriptions.append(f"{name} - {colour} / {size}")
                    self.prices.append(round(style_price, 2))
                    self.is_new.append(is_new)
                    self._style_of.append(len(self._styles) - 1)
                    self._variant_features.append(
                        (self._feature("COLOR", colour), self._feature("SIZE", size))
                    )
        self.next_number = number

    def _feature(self, kind: str, description: str) -> str:
        return self._features.setdefault((kind, description), str(10_000 + len(self._features)))

    @property
    def next_feature_number(self) -> int:
        """The next free PRODUCT_FEATURE number."""
        return 10_000 + len(self._features)

    def product_rows(self, time: StoryTime) -> Iterator[Row]:
        """PRODUCT rows, each style before its variants."""
        since = time.moment(_KNOWN_SINCE, 0)
        shown = -1
        for index, style_index in enumerate(self._style_of):
            style_id, style_sku, name, brand = self._styles[style_index]
            if style_index != shown:
                shown = style_index
                yield style_id, "FINISHED_GOOD", style_sku, name, brand, "Y", "N", since, since
            yield (
                self.ids[index], "FINISHED_GOOD", self.skus[index], self.descriptions[index],
                brand, "N", "Y", since, since,
            )  # fmt: skip

    def assoc_rows(self) -> Iterator[Row]:
        """PRODUCT_ASSOC rows from style to variant."""
        for product_id, style in zip(self.ids, self._style_of, strict=True):
            yield self._styles[style][0], product_id, "PRODUCT_VARIANT"

    def identification_rows(self) -> Iterator[Row]:
        """GOOD_IDENTIFICATION rows: the UPC-A code of each variant."""
        for index, product_id in enumerate(self.ids):
            digits = f"8{1_402_000_000 + index * 7:010d}"
            yield product_id, "UPCA", digits + upc_check_digit(digits)

    def feature_rows(self) -> Iterator[Row]:
        """PRODUCT_FEATURE rows: the colours and sizes in use."""
        for (kind, description), feature_id in self._features.items():
            yield feature_id, kind, description

    def appl_rows(self) -> Iterator[Row]:
        """PRODUCT_FEATURE_APPL rows: the colour and the size of each variant."""
        for product_id, features in zip(self.ids, self._variant_features, strict=True):
            for feature_id in sorted(features):
                yield product_id, feature_id, "STANDARD_FEATURE"


def facility_rows(time: StoryTime) -> Iterator[Row]:
    """FACILITY rows: the real places and every parking."""
    since = time.moment(_KNOWN_SINCE, 0)
    return ((*facility, since, since) for facility in FACILITIES)


def store_row(time: StoryTime) -> Row:
    """The PRODUCT_STORE row."""
    since = time.moment(_KNOWN_SINCE, 0)
    return (*STORE, since, since)
