"""Adagrad over some rows of a table is Adagrad over all of them;

an inverse is a row of its own, or tied.
"""

import pytest
import torch

from remanence.kge.scorers import SCORERS
from remanence.kge.tables import Adagrad, Tables


def new(scorer="complex", entities=9, relations=3, seed=0):
    random = torch.Generator().manual_seed(seed)
    return Tables.new(SCORERS[scorer](4), entities, relations, 0.1, random)


@pytest.mark.parametrize("name", ["entity", "relation"])
def test_steps_over_some_rows_are_torchs_adagrad_over_the_table(name):
    tables = new()
    mine = getattr(tables, name)
    dense = mine.clone().requires_grad_()
    torchs = torch.optim.Adagrad([dense], lr=0.3)
    adagrad = Adagrad(tables)
    random = torch.Generator().manual_seed(1)
    for step in range(6):
        rows = torch.randperm(len(mine), generator=random)[: 1 + step % len(mine)]
        slope = torch.randn(len(rows), mine.shape[1], generator=random)
        dense.grad = torch.zeros_like(dense).index_add_(0, rows, slope)
        torchs.step()
        adagrad.step(name, mine, rows, slope, 0.3)
        torch.testing.assert_close(mine, dense.detach())


def test_a_step_over_all_rows_is_the_same_in_pieces(monkeypatch):
    found = []
    for chunk in (1, 12, 1 << 18):
        monkeypatch.setattr("remanence.kge.tables.CHUNK", chunk)
        tables = new()
        adagrad = Adagrad(tables)
        for seed in range(3):
            random = torch.Generator().manual_seed(seed)
            slope = torch.randn(tables.entity.shape, generator=random)
            adagrad.step("entity", tables.entity, None, slope, 0.3)
        found.append(tables.entity)
    by_rows = new()
    adagrad = Adagrad(by_rows)
    for seed in range(3):
        random = torch.Generator().manual_seed(seed)
        slope = torch.randn(by_rows.entity.shape, generator=random)
        adagrad.step("entity", by_rows.entity, torch.arange(9), slope, 0.3)
    for each in found:
        torch.testing.assert_close(each, by_rows.entity)


def test_a_row_without_gradient_does_not_move():
    tables = new()
    before = tables.entity.clone()
    slope = torch.zeros(9, 4)
    slope[2] = 1
    Adagrad(tables).step("entity", tables.entity, None, slope, 0.3)
    assert torch.equal(tables.entity[[0, 1, 3]], before[[0, 1, 3]])
    assert torch.isfinite(tables.entity).all()
    torch.testing.assert_close(tables.entity[2], before[2] - 0.3)


def test_the_same_generator_draws_the_same_tables():
    for scorer in SCORERS:
        one, two, other = new(scorer), new(scorer), new(scorer, seed=1)
        for name, table in one.named().items():
            assert torch.equal(table, two.named()[name])
        assert not torch.equal(one.entity, other.entity)


def test_a_change_is_made_to_each_table():
    tables = new("tucker")
    zero = tables.map(torch.zeros_like)
    assert not any(each.any() for each in zero.named().values())
    assert [each.shape for each in zero.named().values()] == [(9, 4), (3, 4), (1, 64)]


def test_inverses_are_the_rows_after_the_relations_or_tied_to_them():
    scorer = SCORERS["complex"](4)
    kinds = torch.tensor([0, 2, 1, 4])
    own = new(relations=6)
    assert torch.equal(own.relations_of(scorer, kinds, 3), own.relation[kinds])
    tied = new(relations=3)
    rows = tied.relations_of(scorer, kinds, 3)
    assert torch.equal(rows[:3], tied.relation[kinds[:3]])
    assert torch.equal(rows[3], scorer.inverse(tied.relation[1:2])[0])
    assert tied.relations_of(scorer, kinds[:0], 3).shape == (0, 4)


@pytest.mark.parametrize("rows", [None, torch.arange(9)])
def test_a_column_moves_at_its_pace(rows):
    slope = torch.randn(9, 4, generator=torch.Generator().manual_seed(2))
    pace = torch.tensor([1.0, 0.5, 0.0, 0.1])
    even, paced = new(), new()
    before = even.entity.clone()
    Adagrad(even).step("entity", even.entity, rows, slope, 0.3)
    Adagrad(paced).step("entity", paced.entity, rows, slope, 0.3, pace)
    torch.testing.assert_close(paced.entity - before, (even.entity - before) * pace)
