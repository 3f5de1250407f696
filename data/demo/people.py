"""Customers and suppliers. A customer is a function of its number, so none is kept in memory."""

from __future__ import annotations

from collections.abc import Iterator

from data.demo.batches import Row
from data.demo.names import NOTABLE, REGIONS, SUPPLIERS, Region
from data.demo.story_time import StoryTime

COLUMNS = (
    "PARTY_ID PARTY_TYPE_ID EXTERNAL_ID PARTY_NAME EMAIL_ADDRESS PHONE_NUMBER POSTAL_ADDRESS"
    " COUNTRY CREATED_STAMP LAST_UPDATED_STAMP"
)

_MASK = (1 << 64) - 1
_KNOWN_SINCE = -200


def first_number(count: int) -> int:
    """Where ``count`` ids start, so that all have the same width and room to grow."""
    return 10_000 if count < 80_000 else 1_000_000


class People:
    """The parties of a demo of ``orders`` sales orders."""

    def __init__(self, orders: int, seed: int) -> None:
        self.customers = max(1, orders // 3)
        self.suppliers = min(len(SUPPLIERS) * 5, max(4, orders // 170))
        self._salt = (seed * 0xD6E8FEB86659FD93) & _MASK
        self._first = first_number(self.customers + self.suppliers)
        self._regions = [region for region in REGIONS for _ in range(region.weight)]
        self._by_country = {region.country: region for region in REGIONS}
        self._spread = max(1, self.customers // len(NOTABLE))
        self.next_number = self._first + self.suppliers + self.customers

    def supplier_id(self, index: int) -> str:
        """The party id of the supplier with that index."""
        return str(self._first + index)

    def customer_id(self, index: int) -> str:
        """The party id of the customer with that index."""
        return str(self._first + self.suppliers + index)

    def ship_to(self, index: int) -> str:
        """Where a customer's orders go: the postal address with its country."""
        bits, region, known = self._draw(index)
        return f"{_address(bits if known else bits >> 13, region)}, {region.country}"

    def rows(self, time: StoryTime) -> Iterator[Row]:
        """All PARTY rows, suppliers first, in the order of their ids."""
        since = time.moment(_KNOWN_SINCE, 9 * 3600)
        for index in range(self.suppliers):
            name, address, country = SUPPLIERS[index % len(SUPPLIERS)]
            plant = index // len(SUPPLIERS)
            yield (
                self.supplier_id(index),
                "PARTY_GROUP",
                f"V{1000 + index}",
                f"{name} (plant {plant + 1})" if plant else name,
                f"orders{index + 1}@example.org",
                None,
                address,
                country,
                since,
                since,
            )
        for index in range(self.customers):
            name, email, phone, address, country = self._customer(index)
            external = str(6_800_000_000_000 + index * 32_771)
            yield (
                self.customer_id(index), "PERSON", external, name, email, phone, address, country,
                since, since,
            )  # fmt: skip

    def _customer(self, index: int) -> tuple[str, str, str, str, str]:
        """Name, e-mail address, telephone, postal address and country of a customer."""
        bits, region, known = self._draw(index)
        if known is not None:
            name, plain, _ = known
        else:
            given, given_plain = region.given[(bits >> 7) % len(region.given)]
            family, family_plain = region.family[(bits >> 13) % len(region.family)]
            name = region.name.format(g=given, f=family)
            plain = f"{given_plain}.{family_plain}{index + 1}"
            bits >>= 13
        phone = region.phone.format(n=(bits >> 23) % 1000)
        domain = "example.org" if bits >> 14 & 1 else "example.com"
        return name, f"{plain}@{domain}", phone, _address(bits, region), region.country

    def _draw(self, index: int) -> tuple[int, Region, tuple[str, str, str] | None]:
        """What a customer is made from, with name and country of those who are always there."""
        bits = ((index + 1) * 0x9E3779B97F4A7C15 + self._salt) & _MASK
        bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        bits ^= bits >> 31
        notable, rest = divmod(index, self._spread)
        if rest == 0 and notable < len(NOTABLE):
            known = NOTABLE[notable]
            return bits, self._by_country[known[2]], known
        return bits, self._regions[bits % len(self._regions)], None


def _address(bits: int, region: Region) -> str:
    bits >>= 6
    cities, streets = region.cities, region.streets
    return region.address.format(
        s=streets[(bits >> 8) % len(streets)],
        n=1 + bits % 199,
        c=cities[(bits >> 13) % len(cities)],
    )
