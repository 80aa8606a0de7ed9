"""Two processes that train together learn what one learns, but for the order of sums."""

import json
import socket
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from remanence.errors import ConfigError
from remanence.kge.parallel import Processes
from remanence.kge.recipe import Recipe
from remanence.kge.training import Trainer
from remanence.kge.triples import hold_out, number

PLAIN = Recipe(dim=8, epochs=2, batch=33, check=2, precision="float32")
RECIPES = [
    PLAIN.but(model="complex", n3=0.01, links=0.1, reciprocal=False),
    PLAIN.but(model="transh", negatives="shared", count=20),
    PLAIN.but(model="transr", negatives="own", count=4, loss="self-adversarial"),
    PLAIN.but(model="tucker", batch=1, epochs=1),  # one process has nothing to do
]
TRAINED = """
import json, sys, torch
torch.set_num_threads(1)
from pathlib import Path
from safetensors.torch import save_file
from remanence.kge.checkpoint import CheckpointFile
from remanence.kge.parallel import Processes
from remanence.kge.recipe import Recipe
from remanence.kge.training import Trainer
from remanence.kge.triples import hold_out, number
triples, recipes, folder = json.load(sys.stdin)
graph = hold_out(number(triples), 0.1, 0)
for n, recipe in enumerate(recipes):
    store = CheckpointFile(Path(folder) / f"store{n}")
    run = Trainer(graph, Recipe(**recipe), store=store).run()
    save_file(run.tables.named(), f"{folder}/{Processes.present().rank}.{n}.safetensors")
"""


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def test_two_processes_learn_the_tables_that_one_learns(planted, tmp_path, alone):
    shared = {
        **alone,
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
    }
    given = json.dumps([planted[:120], [recipe.as_json() for recipe in RECIPES], str(tmp_path)])
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRAINED],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(2)
    ]
    for process in processes:
        process.stdin.write(given)
        process.stdin.close()
    errors = [process.stderr.read() for process in processes]
    assert [process.wait() for process in processes] == [0, 0], errors
    for process in processes:
        process.stderr.close()
    graph = hold_out(number(planted[:120]), 0.1, 0)
    for n, recipe in enumerate(RECIPES):
        alike = [load_file(tmp_path / f"{rank}.{n}.safetensors") for rank in range(2)]
        wanted = Trainer(graph, recipe).run().tables.named()
        for name, table in wanted.items():
            assert torch.equal(alike[0][name], alike[1][name]), "the processes went apart"
            torch.testing.assert_close(alike[0][name], table, rtol=1e-3, atol=1e-4)


def test_a_process_alone_is_the_first_of_one():
    alone = Processes()
    assert alone.first
    values = torch.tensor([1.0, 2.0])
    alone.add(values)
    assert values.tolist() == [1.0, 2.0]
    assert alone.device("cpu") == torch.device("cpu")
    assert not Processes(1, 2).first


@pytest.mark.parametrize("device", ["gpu", "", "cuda:99"])
def test_a_device_that_this_machine_does_not_have_is_named(device):
    with pytest.raises(ConfigError, match=f"device='{device}' cannot be used here"):
        Processes().device(device)
