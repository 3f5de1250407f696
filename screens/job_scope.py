"""Which part of the book a job works on: all of it, a product, or what a Find page found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from preorder_tui.records import PurchaseOrderQuery, SalesOrderQuery

if TYPE_CHECKING:
    from preorder_tui.records import ProductInfo
    from screens.desk_screen import DeskScreen


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
    from screens.dialogs.ask_text import AskText
    from screens.dialogs.choose import Choice, Choose

    text, lines = "", ""
    while True:
        question = AskText("Which product?", text, label="SKU or name", lines=filter(None, [lines]))
        answer = await page.ask(question)
        if answer is None:
            return None
        text = answer
        found = await page.call(page.service.find_products, text)
        if not found:
            lines = f"No product has {text!r} in its SKU or name."
            continue
        exact = [one for one in found if one.sku == text]
        chosen = exact[0] if exact else found[0]
        if not exact and len(found) > 1:
            picked = await page.ask(
                Choose(
                    "Which product?", [Choice(one, f"{one.sku}  {one.name}", " ") for one in found]
                )
            )
            if picked is None:
                continue
            chosen = picked
        return of_product(chosen)


async def open_auto_allocate(page: DeskScreen, scope: JobScope) -> None:
    """Open Auto-allocate on a part of the book."""
    from screens.auto_allocate import AutoAllocate

    await page.desk.open_page(AutoAllocate(scope))
