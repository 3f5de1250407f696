"""The same figures at 10,000, 100,000 and 1,000,000 orders, as a table and as a picture.

``python -m tests.benchmarks.growth [ORDERS…] --books FOLDER [--picture FILE]`` makes the demo books
(or finds them in the folder), takes the figures on each, and keeps them beside the books as JSON,
so that the picture can be drawn again. Here are a few pages of the lists; all of them, a quarter of
an hour at a million orders, are in :mod:`tests.benchmarks.lists`. ``--peers`` measures others
programs on the same books too.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from tests.benchmarks import allocation, demo, explaining, peers, service, terminal
from tests.benchmarks.figures import Figure

SIZES = (10_000, 100_000, 1_000_000)
Row = dict[str, Any]


def taken(book: Path, orders: int) -> Iterator[Figure]:
    """Every figure of one book."""
    if not book.exists():
        with tempfile.TemporaryDirectory(dir=book.parent) as folder:
            yield from demo.figures(book, orders, Path(folder))
    yield from terminal.figures(book)
    for one in service.find_pages(book):  # beside what a key may take
        yield replace(one, floor_name="goal", floor=20.0)
    yield from explaining.figures(book)
    yield from service.sync_spread(book)
    yield from allocation.figures(book)


def label(work: str) -> str:
    """What a figure is called at every size: without the numbers and names of one book."""
    work = re.sub(r" \([^)]*(\([^)]*\))?[^)]*\)", "", work)
    return re.sub(r",? ?\b[\d,]+ (changes|lines|pages)", "", work).replace(" of pages", "").strip()


def rows_of(figures: Sequence[Figure]) -> list[Row]:
    """Figures as they are kept."""
    return [
        {
            "work": label(one.work),
            "floorName": one.floor_name,
            "floor": one.floor,
            "value": one.value,
            "unit": one.unit,
            "goal": one.goal,
        }
        for one in figures
    ]


def text_table(found: dict[str, list[Row]], others: Sequence[Row]) -> list[str]:
    """The lines of the table: one for each figure, a column for each size."""
    sizes = sorted(found, key=int)
    works = list(dict.fromkeys(row["work"] for size in sizes for row in found[size]))
    head = f"{'':<46}" + "".join(f"{int(size):>22,}" for size in sizes) + "  goal"
    lines = [head, "-" * len(head)]
    for work in works:
        values, goal = [], ""
        for size in sizes:
            row = next((one for one in found[size] if one["work"] == work), None)
            if row is None:
                values.append(f"{'':>22}")
                continue
            goal = row["goal"] or goal
            ratio = row["value"] / row["floor"] if row["floor"] else 0.0
            values.append(f"{row['value']:>10,.1f} {row['unit']:<5}{ratio:>5.2f}x")
        lines.append(f"{work[:46]:<46}{''.join(values)}  {goal}".rstrip())
    if others:
        names = ("first rows", "all rows", "next page", "down", "bytes", "memory")
        widths = (12, 11, 11, 9, 8, 9)
        cells = "".join(f"{name:>{width}}" for name, width in zip(names, widths, strict=True))
        lines += ["", f"{'other programs, same orders':<34}{'orders':>10}{cells}"]
        for row in others:
            whole = f"{row['whole_table'] / 1000:,.1f} s" if row["whole_table"] else "-"
            lines.append(
                f"{row['program'] + ', ' + row['source']:<34}{row['orders']:>10,}"
                f"{row['first_rows']:>9,.0f} ms{whole:>11}{row['next_page']:>8,.1f} ms"
                f"{row['cursor_down']:>6,.1f} ms{row['cursor_down_bytes']:>8,.0f}"
                f"{row['memory']:>6,.0f} MB"
            )
    return lines


def picture(lines: Sequence[str]) -> str:
    """The table as an SVG of fixed-width text."""
    width, height = max(map(len, lines)) * 7.3 + 32, len(lines) * 18 + 40
    body = "\n".join(
        f'<text x="16" y="{34 + at * 18}" xml:space="preserve">{escape(line)}</text>'
        for at, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
        f'width="{width:.0f}" height="{height}">\n'
        f'<rect width="100%" height="100%" rx="8" fill="#121212"/>\n'
        f'<g font-family="monospace" font-size="12" fill="#e0e0e0">\n{body}\n</g>\n</svg>\n'
    )


def main() -> None:
    """Measure what is not measured yet, print the table, draw the picture."""
    parser = argparse.ArgumentParser()
    parser.add_argument("orders", type=int, nargs="*", default=SIZES)
    parser.add_argument("--books", type=Path, required=True)
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--peers", action="store_true")
    given = parser.parse_args()
    given.books.mkdir(parents=True, exist_ok=True)
    kept = given.books / "figures.json"
    found: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    for orders in given.orders:
        book = given.books / f"{orders}.db"
        if str(orders) not in found:
            found[str(orders)] = rows_of(list(taken(book, orders)))
            kept.write_text(json.dumps(found, indent=1))
    others: list[Row] = found.get("peers", [])
    if given.peers and not others:
        commands = peers.installed(given.books / "peers")
        for orders in given.orders:
            book = given.books / f"{orders}.db"
            others += [_peer(one) for one in peers.figures(orders, book, commands)]
        found["peers"] = others
        kept.write_text(json.dumps(found, indent=1))
    lines = text_table({size: rows for size, rows in found.items() if size != "peers"}, others)
    print("\n".join(lines))
    if given.picture:
        given.picture.write_text(picture(lines))


def _peer(one: peers.PeerFigures) -> Row:
    return {name: getattr(one, name) for name in one.__slots__}


if __name__ == "__main__":
    main()
