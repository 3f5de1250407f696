"""The commands of ``preorder-tui``, a module for each kind of work.

They import nothing that touches the database until one of them runs, so that ``--help`` is light.
"""
