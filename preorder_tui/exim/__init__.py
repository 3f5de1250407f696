"""EXIM: bulk changes and bulk data by CSV (MDM → EXIM).

Configurations say which columns a file has; one reader, one Failed Records writer and one log serve
all of them. Order tables are changed through a plan, as everywhere; pandas is imported only while a
file is read.
"""
