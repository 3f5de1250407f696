"""The top floor: what people see.

How to write a page or a dialog on this shell:

* A page is a :class:`~screens.desk_screen.DeskScreen` with ``PATH``, ``HELP``, ``ACTIONS`` (names
  of :mod:`screens.keys`), ``content()`` and a method ``do_<action>`` for each action of its own;
  add it to :mod:`screens.pages`. ``reason_against(name)`` gives the sentence that answers a key
  that cannot be used right now.
* A ``do_<action>`` that reads, asks or changes is ``async``: it runs as a flow, which holds the
  keys from its start to its end except while one of its dialogs waits. In it, ``await
  self.call(self.service.method, …)`` runs the service in a thread, ``await
  self.ask(SomeDialog(…))`` returns the answer or None, ``await self.apply(plan)`` applies and
  makes every page read again (``changed()``), and any ``DeskError`` simply propagates: it becomes
  a sentence. Outside a ``do_`` method (a message handler), start one with
  ``self.desk.start_flow(self.some_coroutine())``.
* A dialog is a :class:`~screens.dialog.Dialog` of its answer's type with ``body()``; it calls
  ``self.answer(result)`` once. ``BINDINGS = [*bindings(("save",))]`` and ``do_save`` as in pages.
* A list is a :class:`~screens.line_list.LineList` of :class:`~screens.line_columns.Column`; it
  has a ``source`` of pages or fixed ``rows``, and posts ``Opened``, ``Moved``, ``Tagged``.
* Text from data is shown through :func:`screens.plain_text.plain` or a list's columns, never as
  markup.
"""
