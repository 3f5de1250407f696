"""What holds on bad days: many at once, kills, random keys. The long ones run by ``make soak``.

Figures, printed: ``python -m tests.benchmarks.together`` (many writers, beside bare drivers) and
``python -m tests.soak.many_terminals`` (many desks on one host).
"""
