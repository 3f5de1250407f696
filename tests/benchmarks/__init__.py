"""Figures beside their physical floors, taken in one run; they print ratios and assert no time."""
