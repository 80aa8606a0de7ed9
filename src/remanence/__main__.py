"""`python -m remanence`."""

from remanence.cli import main

main()
