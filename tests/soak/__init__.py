"""What holds on bad days: many at once, kills, random keys. The long ones run by ``make soak``."""
