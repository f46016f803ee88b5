"""What is planted in the map of `conftest.planted`: its sizes, the length of its compartments, a boundary and loops."""

RESOLUTION, STRATA, PERIOD, BOUNDARY = 10_000, 40, 12, 300
LOOPS = [(first, first + 15) for first in range(20, 380, 20)]
BINS = {"c": 400, "d": 120}
