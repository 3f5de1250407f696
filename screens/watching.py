"""Looking out for what others change: every few seconds, in the background, silent when idle.

The page on top reads what it shows again, in place; pages below do when they come to the top again.
The same look finds out that the database is gone, and that it is back.
"""

from __future__ import annotations

from time import strftime
from typing import TYPE_CHECKING

from preorder_tui.errors import DeskError, Unreachable
from preorder_tui.failures import write_log
from screens.service_calls import run_in_thread

if TYPE_CHECKING:
    from textual.timer import Timer

    from preorder_tui.news import News
    from screens.app import DeskApp


class Watch:
    """The look-out of one desk."""

    def __init__(self, desk: DeskApp, every: float) -> None:
        self._desk = desk
        self._every = every
        self._timer: Timer | None = None
        self._looking = False
        self._known: frozenset[int] | None = None
        self._own: set[int] = set()
        self.lost = ""
        """Why the database cannot be reached, as a sentence; empty while it can."""

    def start(self) -> None:
        """Begin to look, if this desk does."""
        if self._every and self._timer is None:
            self._timer = self._desk.set_interval(self._every, self.look_soon)
            self.look_soon()

    def look_soon(self) -> None:
        """Look in the background, unless that is under way."""
        if not self._looking:
            self._looking = True
            self._desk.run_worker(self._look(), group="watch", exit_on_error=False)

    def own(self, change_set_id: int | None) -> None:
        """This desk has just made a change itself: that is no news."""
        if change_set_id is not None:
            self._own.add(change_set_id)

    # --- Looking ----------------------------------------------------------------------------------

    async def _look(self) -> None:
        try:
            if self._is_own_change_coming():
                return
            news = await run_in_thread(self._desk.service.whats_new, self._known)
            if self._is_own_change_coming():
                return
            if self._known is None:
                await self._tell_what_was_left()
            self._known = news.known
            if self.lost:
                self._back_again()
            self._tell_pages(self._by_others(news))
            await self.bring_up_to_date()
        except Unreachable as error:
            self._gone(error)
        except Exception as error:  # noqa: BLE001 (told in the log; the desk goes on without it)
            write_log(error)
            if self._timer is not None:
                self._timer.stop()
        finally:
            self._looking = False

    async def _tell_what_was_left(self) -> None:
        """Once, after the start: what a session that was killed left behind."""
        said = await run_in_thread(self._desk.service.left_behind)
        pages = self._desk.desk_pages()
        if said and pages:
            pages[-1].say(said)

    def _is_own_change_coming(self) -> bool:
        return self._desk.writing

    def _by_others(self, news: News) -> News:
        from dataclasses import replace

        foreign = tuple(one for one in news.change_sets if one.change_set_id not in self._own)
        self._own &= news.known
        if len(foreign) == len(news.change_sets):
            return news
        return replace(news, change_sets=foreign)

    def _tell_pages(self, news: News) -> None:
        if news:
            for page in self._desk.desk_pages():
                page.news = news.joined_to(page.news)
            from screens.dialog import Dialog

            for screen in self._desk.screen_stack:
                if isinstance(screen, Dialog):
                    screen.news = news.joined_to(screen.news)

    async def bring_up_to_date(self) -> None:
        """The page or dialog on top takes what it was told, now that a person looks at it."""
        from preorder_tui.news import sentence
        from screens.desk_screen import DeskScreen
        from screens.dialog import Dialog

        top = self._desk.screen
        if not isinstance(top, DeskScreen | Dialog) or top.news is None:
            return
        news, top.news = top.news, None
        try:
            said = await top.take_news(news)
        except DeskError:
            said = None  # told by the look itself, when it cannot be reached either
        if said is None:
            top.news = news.joined_to(top.news)
        elif said and self._desk.screen is top:
            self._desk.say(sentence(news, self._desk.options.user))

    # --- The database is gone, and back -----------------------------------------------------------

    def _gone(self, error: Unreachable) -> None:
        if not self.lost:
            self.lost = error.sentence
            self._desk.say(
                f"No database since {strftime('%H:%M')}: {error.sentence.rstrip('.')}. What you "
                "typed stays; the desk tries again by itself."
            )

    def _back_again(self) -> None:
        self.lost = ""
        self._desk.say(f"The database is back ({strftime('%H:%M')}): go on where you were.")
        for page in self._desk.desk_pages():
            page.database_is_back()
