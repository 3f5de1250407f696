"""Alembic migrations, run by ``preorder-tui init``."""
