"""Attention over an external matrix:

as its formula says, token by token as in one piece, and with a file as with a window that holds
all.
"""

import math

import pytest
import torch

from remanence import neural
from remanence.errors import InvalidInput
from remanence.neural.configs import KNNMemoryConfig
from remanence.neural.knn import KNNMemory
from remanence.neural.rows import RowStore

from .conftest import plain, stir

torch.set_num_threads(1)


def memory(rows=7, nearest=100, seed=0):
    torch.manual_seed(seed)
    made = KNNMemory(KNNMemoryConfig(heads=2, key=5, value=6, rows=rows, nearest=nearest), 12)
    with torch.no_grad():  # as after some training: every parameter matters
        for each in (made.seen, made.gate, made.none):
            each.add_(torch.randn_like(each))
    return made


def naive(made, hidden):
    """What is read (T, D) of one session's tokens (T, D), by the formula, a token after another."""
    config, read, keys, values = made.config, [], [], []
    before = torch.zeros(config.key)
    for token in hidden:
        x = token / (token.square().mean() + 1e-6).sqrt() * made.norm.weight
        heads = []
        for h, asked in enumerate((made.ask.weight @ x).view(config.heads, -1)):
            q = asked / (asked.square().sum() + 1e-3).sqrt()
            seen = range(max(0, len(keys) - config.rows), len(keys))
            scores = {s: made.scale[h].exp() * (q @ keys[s]) for s in seen}
            best = sorted(seen, key=lambda s: -scores[s].item())[: config.nearest]
            whole = made.none[h].exp() + sum(scores[s].exp() for s in best)
            found = sum((scores[s].exp() / whole * values[s] for s in best), torch.zeros(6))
            heads.append(torch.sigmoid(made.gate[h]) * found)
        read.append(made.out.weight @ torch.cat(heads))
        raw, value = (made.tell.weight @ x).split([config.key, config.value])
        key = before * made.seen[0] + raw * made.seen[1]
        keys.append(key / (key.square().sum() + 1e-3).sqrt())
        values.append(value)
        before = raw
    return torch.stack(read)


def padded(lengths, side):
    """A mask (B, T) of rows with so many real tokens."""
    most = max(lengths)
    mask = torch.zeros(len(lengths), most, dtype=torch.bool)
    for row, length in enumerate(lengths):
        places = {"right": range(length), "left": range(most - length, most)}
        holes = torch.randperm(most)[:length].tolist()
        mask[row, list(places.get(side, holes))] = True
    return mask


@pytest.mark.parametrize(("rows", "nearest"), [(1, 1), (7, 3), (7, 100), (64, 100), (64, 5)])
def test_a_read_is_what_the_formula_says(rows, nearest):
    made = memory(rows, nearest)
    hidden = torch.randn(2, 19, 12)
    found, _ = made.through(made.initial(2), hidden)
    for row in range(2):
        torch.testing.assert_close(found[row], naive(made, hidden[row]))


def test_at_first_a_token_reads_what_followed_the_same_token_before():
    torch.manual_seed(0)
    made = KNNMemory(KNNMemoryConfig(heads=2, key=5, value=6, rows=64, nearest=1), 12)
    hidden = torch.randn(1, 19, 12)
    state = made.write(made.initial(1), hidden)
    reads = made.reads(state, hidden[:, :18])
    assert reads.serials[0, :, :, 0].tolist() == [[n + 1] * 2 for n in range(18)]


@pytest.mark.parametrize("nearest", [3, 100])
def test_gradients_are_those_of_the_formula(nearest):
    made = memory(64, nearest)
    hidden = torch.randn(1, 11, 12, requires_grad=True)
    wanted = [hidden, *made.parameters()]
    toward = torch.randn(11, 12)
    state, loss = made.initial(1), torch.zeros(())
    for part, aim in zip(hidden.split(4, 1), toward.split(4), strict=True):  # through the state too
        found, state = made.through(state, part)
        loss = loss + (found[0] * aim).sum()
    ours = torch.autograd.grad(loss, wanted)
    theirs = torch.autograd.grad((naive(made, hidden[0]) * toward).sum(), wanted)
    for one, other in zip(ours, theirs, strict=True):
        assert one.abs().max() > 0
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("side", ["right", "left", "holes"])
def test_padding_is_as_if_it_were_not_there(side):
    made = memory(nearest=3)
    lengths = (9, 4, 1)
    torch.manual_seed(1)
    mask = padded(lengths, side)
    hidden = torch.randn(3, 9, 12)
    hidden[~mask] = math.nan  # and nobody looks at it
    start = made.write(made.initial(3), torch.randn(3, 5, 12))
    found, after = made.through(start, hidden, mask)
    assert (found[~mask] == 0).all()
    for row in range(3):
        alone = {name: each[row : row + 1] for name, each in start.items()}
        one, ended = made.through(alone, hidden[row][mask[row]][None])
        torch.testing.assert_close(found[row][mask[row]], one[0])
        for name in after:
            torch.testing.assert_close(after[name][row], ended[name][0])


def test_a_row_of_padding_comes_back_bit_by_bit_and_the_state_given_is_not_changed():
    made = memory()
    start = made.write(made.initial(2), torch.randn(2, 5, 12))
    kept = {name: each.clone() for name, each in start.items()}
    mask = torch.tensor([[True] * 4, [False] * 4])
    hidden = torch.randn(2, 4, 12)
    for after in (made.write(start, hidden, mask), made.through(start, hidden, mask)[1]):
        for name in after:
            assert torch.equal(after[name][1], kept[name][1]), name
            assert not torch.equal(after[name][0], kept[name][0])
    none, same = made.through(start, hidden[:, :0])
    assert none.shape == (2, 0, 12)
    for name, each in kept.items():
        assert torch.equal(start[name], each)
        assert torch.equal(same[name], each)


def test_a_read_writes_nothing_and_sees_the_whole_window():
    made = memory()
    text, asked = torch.randn(1, 9, 12), torch.randn(1, 3, 12)
    state = made.write(made.initial(1), text)
    found = made.read(state, asked)
    for t in range(3):
        want, _ = made.through(state, asked[:, t : t + 1])
        torch.testing.assert_close(found[:, t : t + 1], want)


def test_nothing_said_is_nothing_read():
    made = memory()
    assert (made.read(made.initial(2), torch.randn(2, 3, 12)) == 0).all()
    told = made.reads(made.initial(1), torch.randn(1, 3, 12))
    assert (told.serials == -1).all()
    assert (told.weights == 0).all()


def test_a_bfloat16_model_keeps_a_float32_state_near_that_of_a_float32_one():
    made = memory(rows=16)
    hidden = torch.randn(2, 12, 12).bfloat16()
    want, kept = made.through(made.initial(2), hidden.float())
    made = made.bfloat16()
    state = made.initial(2)
    found, state = made.through(state, hidden)
    assert found.dtype == torch.bfloat16
    for name in state:
        assert state[name].dtype == (torch.int64 if name in ("rows", "now") else torch.float32)
    assert torch.equal(state["rows"], kept["rows"])
    torch.testing.assert_close(state["values"], kept["values"], atol=0.05, rtol=0.05)
    torch.testing.assert_close(found.float(), want, atol=0.05, rtol=0.1)


def test_what_does_not_fit_is_refused():
    made = memory()
    with pytest.raises(InvalidInput, match="size 12"):
        made.read(made.initial(1), torch.randn(1, 3, 11))
    with pytest.raises(InvalidInput, match="is not one of"):
        made.write(made.initial(2), torch.randn(1, 3, 12))
    with pytest.raises(InvalidInput, match="not finite"):
        made.through(made.initial(1), torch.full((1, 3, 12), math.inf))
    for episodes in ([0], [0, -1]):
        with pytest.raises(InvalidInput, match="each of 2 sessions"):
            made.begin(made.initial(2), episodes)


@pytest.mark.parametrize("filed", [False, True])
def test_a_read_names_the_rows_and_the_episodes_they_came_from(filed, tmp_path):
    made = memory(rows=4 if filed else 64, nearest=5)
    first, second, asked = torch.randn(1, 6, 12), torch.randn(1, 3, 12), torch.randn(1, 2, 12)
    with RowStore(tmp_path / "s.rows", 5, 6) as store, made.beyond([store if filed else None]):
        state = made.write(made.begin(made.initial(1), [41]), first)
        state = made.write(made.begin(state, [7]), second)
        told = made.reads(state, asked)
    assert told.serials.shape == told.episodes.shape == told.weights.shape == (1, 2, 2, 5)
    assert ((told.serials >= 0) & (told.serials < 9)).all()
    assert torch.equal(told.episodes, torch.where(told.serials < 6, 41, 7))
    assert {41, 7} == set(told.episodes.flatten().tolist())
    assert (told.weights.diff(dim=-1) <= 1e-6).all()  # best first
    assert (told.weights.sum(-1) < 1).all()  # nothing has a share
    row = told.serials.flatten(2).tolist()[0]
    assert all(len(set(each[:5])) == len(set(each[5:])) == 5 for each in row)


def test_the_weights_are_the_shares_of_what_was_read():
    made = memory(rows=64, nearest=4)
    state = made.write(made.initial(1), torch.randn(1, 9, 12))
    asked = torch.randn(1, 2, 12)
    told = made.reads(state, asked)
    values = state["values"][0][-9:][told.serials[0]]  # (T, H, k, V)
    said = (told.weights[0][..., None] * values).sum(2) * torch.sigmoid(made.gate)[:, None]
    torch.testing.assert_close(made.out(said.flatten(1)), made.read(state, asked)[0])


@pytest.mark.parametrize("current", [True, False])
def test_a_forgotten_episode_leaves_the_state_as_if_it_had_not_been(current):
    made = memory(rows=32)
    before, secret, after = torch.randn(1, 4, 12), torch.randn(1, 5, 12), torch.randn(1, 3, 12)
    state = made.write(made.begin(made.initial(1), [1]), before)
    state = made.write(made.begin(state, [2]), secret)
    if not current:
        state = made.write(made.begin(state, [3]), after)
    state = made.forget(state, 2)
    plain = made.write(made.begin(made.initial(1), [1]), before)
    plain = made.begin(plain, [3])
    if not current:
        plain = made.write(plain, after)
    for name in ("keys", "values"):
        left = state[name][0][state["rows"][0, :, 0] >= 0]
        torch.testing.assert_close(left, plain[name][0][plain["rows"][0, :, 0] >= 0])
        assert (state[name][0][state["rows"][0, :, 0] < 0] == 0).all()
    torch.testing.assert_close(state["tail"], plain["tail"])
    asked = torch.randn(1, 3, 12)
    torch.testing.assert_close(made.read(state, asked), made.read(plain, asked))
    assert 2 not in made.reads(state, asked).episodes


def test_an_episode_that_is_not_there_is_forgotten_without_a_trace():
    made = memory()
    state = made.write(made.begin(made.initial(2), [1, 2]), torch.randn(2, 5, 12))
    after = made.forget(state, 9)
    assert all(torch.equal(after[name], state[name]) for name in state)


@pytest.mark.parametrize("nearest", [3, 100])
@pytest.mark.parametrize("cuts", [(1,) * 23, (4, 9, 10)])
def test_a_text_says_the_same_in_one_segment_and_in_several(cuts, nearest):
    made = memory(nearest=nearest)
    hidden = torch.randn(2, 23, 12)
    whole, after = made.through(made.initial(2), hidden)
    state, parts = made.initial(2), []
    for part in hidden.split(cuts, 1):
        found, state = made.through(state, part)
        parts.append(found)
    torch.testing.assert_close(torch.cat(parts, 1), whole)
    for name in after:
        torch.testing.assert_close(state[name], after[name])


def test_what_leaves_the_window_is_read_from_the_file(tmp_path):
    hidden = torch.randn(1, 40, 12)
    large, small = memory(rows=64), memory(rows=7)
    whole, _ = large.through(large.initial(1), hidden)
    with RowStore(tmp_path / "s.rows", 5, 6) as store, small.beyond([store]):
        state, parts = small.initial(1), []
        for part in hidden.split(9, 1):
            found, state = small.through(state, part)
            parts.append(found)
        assert len(store) == 33
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=2e-3, rtol=0)  # float16 on disk


@pytest.mark.parametrize("nearest", [3, 100])
def test_files_and_sessions_with_padding_are_kept_apart(nearest, tmp_path):
    large, small = memory(64, nearest), memory(4, nearest)
    with RowStore(tmp_path / "a.rows", 5, 6) as one, RowStore(tmp_path / "c.rows", 5, 6) as other:
        wide, state = large.initial(3), small.initial(3)
        lost = small.initial(3)
        for seed, lengths in enumerate([(5, 8, 2), (0, 3, 9), (6, 6, 6)]):
            torch.manual_seed(seed)
            mask, hidden = padded(lengths, "holes"), torch.randn(3, max(lengths), 12)
            want, wide = large.through(wide, hidden, mask)
            with small.beyond([one, None, other]):
                found, state = small.through(state, hidden, mask)
            lost = small.write(lost, hidden, mask)
            torch.testing.assert_close(found[[0, 2]], want[[0, 2]], atol=3e-3, rtol=0)  # float16
        assert (len(one), len(other)) == (11 - 4, 17 - 4)
        for name in state:
            torch.testing.assert_close(state[name], lost[name])


def test_rows_of_the_file_that_the_window_still_holds_are_read_once(tmp_path):
    made = memory(rows=4)
    first, second = torch.randn(1, 9, 12), torch.randn(1, 6, 12)
    with RowStore(tmp_path / "s.rows", 5, 6) as store, made.beyond([store]):
        state = made.write(made.initial(1), first)
        found, after = made.through(state, second)
        count = len(store)
        again, ended = made.through(state, second)  # as after a crash: the file is ahead
        assert len(store) == count == 11
    torch.testing.assert_close(again, found)
    assert all(torch.equal(ended[name], after[name]) for name in after)


def test_sessions_and_files_that_do_not_match_are_refused(tmp_path):
    made = memory()
    with (
        RowStore(tmp_path / "s.rows", 5, 6) as store,
        made.beyond([store]),
        pytest.raises(InvalidInput, match="1 stores for 2 sessions"),
    ):
        made.read(made.initial(2), torch.randn(2, 1, 12))
    assert made.read(made.initial(2), torch.randn(2, 1, 12)).shape == (2, 1, 12)  # only within it


def test_a_loss_through_a_file_has_gradients_for_the_window(tmp_path):
    made = memory(rows=4)
    with RowStore(tmp_path / "s.rows", 5, 6) as store, made.beyond([store]):
        state = made.write(made.initial(1), torch.randn(1, 12, 12))
        found, _ = made.through(state, torch.randn(1, 3, 12))
    found.square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in made.parameters())
    assert made.tell.weight.grad.abs().max() > 0


def test_a_forgotten_episode_is_in_no_byte_of_the_file(tmp_path):
    path = tmp_path / "s.rows"
    made = memory(rows=1)
    with RowStore(path, 5, 6) as store, made.beyond([store]):
        state = made.begin(made.initial(1), [3])
        made.through(state, torch.randn(1, 9, 12))
        value = store.search(torch.ones(5).numpy(), 1).values.astype("<f2").tobytes()
        assert value in path.read_bytes()
        assert store.forget(3) == 8
        assert value not in path.read_bytes()
    with RowStore(path, 5, 6) as store:
        assert len(store) == 0
        assert store.last == 7


def test_a_session_of_a_model_comes_back_with_its_rows(tmp_path):
    config = KNNMemoryConfig(layers=(0, -1), heads=2, key=4, value=4, rows=8, nearest=3)
    model = stir(neural.attach_memory(plain("gpt2"), config)).eval()
    told, asked = torch.randint(3, 60, (1, 20)), torch.randint(3, 60, (1, 5))
    with torch.no_grad():
        with model.session("小明", store=tmp_path):
            model.memorize(input_ids=told)
        with model.session("小明", store=tmp_path) as session:
            layers = session.state.layers.values()
            assert [each["now"].tolist() for each in layers] == [[[20, 0]]] * 2
            again = model(input_ids=asked).logits
        with model.session("other", store=tmp_path):
            model.memorize(input_ids=told)
            whole = model(input_ids=asked).logits
        with model.session("nobody", store=tmp_path):
            nothing = model(input_ids=asked).logits
    torch.testing.assert_close(again, whole)
    assert not torch.allclose(again, nothing)
