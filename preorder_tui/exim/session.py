"""EXIM in this process: understand a file, preview it, apply it (being built).

The desk uses :mod:`preorder_tui.exim.client`, which has the same steps in a process of their own;
the command line uses :class:`ImportSession` itself.

    with ImportSession(service, "IMP_ORD_ITEM_UPD", upload, ImportOptions()) as session:
        session.understand()          # Understanding
        session.preview(tell)         # Preview
        session.apply(reason=None, failed_records=path, tell=tell)   # ImportResult
"""
