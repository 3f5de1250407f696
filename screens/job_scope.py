"""Which part of the book a job works on: all of it, a product, or what a Find page found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from preorder_tui.errors import Refused
from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery
from screens.kept_filters import to_fields

if TYPE_CHECKING:
    from preorder_tui.records import ProductInfo
    from screens.desk_screen import DeskScreen

Query = TypeVar("Query", SalesOrderQuery, PurchaseOrderQuery)


@dataclass(frozen=True)
class JobScope:
    """A part of the book, and how it reads."""

    words: str = "the whole book"
    sku: str | None = None
    sales: SalesOrderQuery | None = None
    purchases: PurchaseOrderQuery | None = None

    def options(self) -> dict[str, Any]:
        """What the service is told of it."""
        return {"sku": self.sku, "sales": self.sales, "purchases": self.purchases}


WHOLE_BOOK = JobScope()


def as_kept(scope: JobScope) -> dict[str, Any]:
    """A scope in a form that can be kept; empty: the whole book."""
    kept: dict[str, Any] = {"words": scope.words, "sku": scope.sku} if scope != WHOLE_BOOK else {}
    for name, query in (("sales", scope.sales), ("purchases", scope.purchases)):
        if query is not None:
            kept[name] = {
                field: value.isoformat() if isinstance(value, date) else value
                for field, value in to_fields(query).items()
            }
    return kept


def from_kept(kept: Mapping[str, Any]) -> JobScope:
    """A kept scope; never one that is wider than it was.

    Raises:
        Refused: it has something that this version does not know.
    """
    if not kept:
        return WHOLE_BOOK
    try:
        return JobScope(
            str(kept["words"]),
            sku=kept.get("sku"),
            sales=_query(SalesOrderQuery, kept["sales"]) if "sales" in kept else None,
            purchases=_query(PurchaseOrderQuery, kept["purchases"])
            if "purchases" in kept
            else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused("The part of the book it was for is not known to this version") from error


def _query(kind: Callable[..., Query], kept: Mapping[str, Any]) -> Query:
    values: dict[str, Any] = {}
    for name, value in kept.items():
        if name.endswith(("_from", "_to")):
            values[name] = date.fromisoformat(value)
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    return kind(**values)


def of_product(product: ProductInfo) -> JobScope:
    """All lines of a product."""
    name = " ".join(filter(None, (product.sku, product.name)))
    return JobScope(f"product {name}", sku=product.sku)


def of_sales_search(query: SalesOrderQuery, words: Sequence[str]) -> JobScope:
    """The lines that a search of Find Sales Order finds; unrestricted it is the whole book."""
    if not query.restricted():
        return WHOLE_BOOK
    return JobScope(f"lines of this search: {', '.join(words)}", sales=query)


def of_purchase_search(query: PurchaseOrderQuery, words: Sequence[str]) -> JobScope:
    """The supply that a search of Find Purchase Orders finds."""
    if not query.restricted():
        return WHOLE_BOOK
    return JobScope(f"supply of this search: {', '.join(words)}", purchases=query)


async def ask_scope(
    page: DeskScreen, present: JobScope, offered: Sequence[JobScope]
) -> JobScope | None:
    """Ask for another part of the book; None: it stays as it is.

    Args:
        page: the job's page, within a flow of it.
        present: what it works on now.
        offered: what else there is, beside the whole book and a product.
    """
    from screens.dialogs.choose import Choice, Choose

    known = list(dict.fromkeys((WHOLE_BOOK, *offered, present)))
    choices: list[Choice[JobScope | str]] = [Choice(one, one.words) for one in known]
    choices.append(Choice("product", "one product", "p"))
    chosen = await page.ask(Choose("Which part of the book?", choices, at=present))
    return await _ask_product(page) if chosen == "product" else _scope(chosen)


def _scope(chosen: JobScope | str | None) -> JobScope | None:
    return chosen if isinstance(chosen, JobScope) else None


async def _ask_product(page: DeskScreen) -> JobScope | None:
    from screens.dialogs.ask_product import ask_product

    product = await ask_product(page.desk, "Which product?")
    return None if product is None else of_product(product)


async def open_auto_allocate(page: DeskScreen, scope: JobScope) -> None:
    """Open Auto-allocate on a part of the book."""
    from screens.auto_allocate import AutoAllocate

    await page.desk.open_page(AutoAllocate(scope))
