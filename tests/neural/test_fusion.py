"""Names are found as a naive search finds them, knowledge is read as the formula says, and what
names nothing stays exactly as it was.
"""

import itertools
import math
from types import SimpleNamespace

import pytest
import torch

from remanence.errors import InvalidInput
from remanence.neural.fusion import Blend, KnowledgeFusion, KnowledgeRead
from remanence.neural.linking import Linked, TextLinker, TokenLinker

torch.set_num_threads(1)
NE, DE, R, D = 7, 6, 3, 10
FACTS = torch.tensor([[0, 0, 1], [0, 1, 2], [3, 2, 4], [0, 2, 5], [5, 0, 6]])


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def read(**how):
    ways = 2 if how.get("inverse") else 1
    torch.manual_seed(1)
    return KnowledgeRead(D, drawn(NE, DE), drawn(ways * R, 4, seed=1), FACTS, key=5, **how)


def linked():
    """Two rows of five tokens: some name one thing, one names two, most nothing."""
    entities = torch.zeros(2, 5, 2, dtype=torch.long)
    mask = torch.zeros(2, 5, 2, dtype=torch.bool)
    for b, t, e, entity in ((0, 1, 0, 0), (0, 1, 1, 3), (0, 4, 0, 5), (1, 0, 0, 2)):
        entities[b, t, e], mask[b, t, e] = entity, True
    return Linked(entities, mask)


def naive(module, hidden, links, inverse):
    """The formula, token by token, candidate by candidate."""
    facts = FACTS.tolist()
    if inverse:
        facts += [[t, r + R, h] for h, r, t in facts]
    out = torch.zeros(*hidden.shape[:2], module.heads, DE)
    width = module.key
    for b, t in itertools.product(*map(range, hidden.shape[:2])):
        named = [e for e, on in zip(links.entities[b, t], links.mask[b, t], strict=True) if on]
        for a in range(module.heads if named else 0):
            part = slice(a * width, (a + 1) * width)
            query = module.query.weight[part] @ hidden[b, t]
            scored = []
            for e in map(int, named):
                key = module.of_entity.weight[part] @ module.entities[e]
                scored.append((query @ key, module.entities[e]))
                for head, kind, tail in facts:
                    if head == e:
                        more = module.of_relation.weight[part] @ module.relations[kind]
                        scored.append((query @ (key + more), module.entities[tail]))
            weights = torch.softmax(torch.stack([s for s, _ in scored]) / math.sqrt(width), 0)
            out[b, t, a] = sum(w * v for w, (_, v) in zip(weights, scored, strict=True))
    return out.flatten(2)


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("heads", [1, 3])
def test_what_is_read_is_the_formula_in_value_and_gradient(inverse, heads):
    module, hidden = read(inverse=inverse, heads=heads), drawn(2, 5, D, seed=2).requires_grad_()
    found, named = module(hidden, linked())
    wanted = naive(module, hidden, linked(), inverse)
    torch.testing.assert_close(found, wanted)
    assert named.tolist() == linked().mask.any(-1).tolist()
    weights = drawn(*found.shape, seed=3)
    slopes = [torch.autograd.grad((each * weights).sum(), hidden)[0] for each in (found, wanted)]
    torch.testing.assert_close(*slopes)


def test_without_facts_it_is_attention_to_the_entities_alone():
    module = KnowledgeRead(D, drawn(NE, DE), key=5)
    hidden, links = drawn(2, 5, D), linked()
    found, _ = module(hidden, links)
    e = module.entities[[0, 3]]
    scores = (e @ module.of_entity.weight.T) @ (module.query.weight @ hidden[0, 1]) / math.sqrt(5)
    torch.testing.assert_close(found[0, 1], torch.softmax(scores, 0) @ e)


def test_a_fresh_fusion_changes_nothing():
    fusion = KnowledgeFusion(D, read(inverse=True, heads=2), memory=D)
    hidden = drawn(2, 5, D)
    assert torch.equal(fusion(hidden, linked(), drawn(2, 5, D, seed=4)), hidden)


def trained(memory=0):
    fusion = KnowledgeFusion(D, read(inverse=True, heads=2), memory=memory)
    for seed, each in enumerate(fusion.blend.parameters()):
        each.data = drawn(*each.shape, seed=seed + 10)
    return fusion


def test_a_token_that_names_nothing_is_exactly_as_it_was():
    fusion, hidden, links = trained(), drawn(2, 5, D), linked()
    found, some = fusion(hidden, links), links.mask.any(-1)
    assert torch.equal(found[~some], hidden[~some])
    assert (found != hidden)[some].any(-1).all()
    none = Linked(links.entities, torch.zeros_like(links.mask))
    assert torch.equal(fusion(hidden, none), hidden)
    assert torch.equal(fusion(hidden), hidden)


def test_places_that_are_not_taken_do_not_count():
    fusion, hidden, links = trained(), drawn(2, 5, D), linked()
    other = torch.where(links.mask, links.entities, 6)
    assert torch.equal(fusion(hidden, Linked(other, links.mask)), fusion(hidden, links))


def test_where_nothing_is_named_memory_joins_as_it_would_without_a_graph():
    fusion, hidden, links = trained(memory=D), drawn(2, 5, D), linked()
    memory, some = drawn(2, 5, D, seed=5), linked().mask.any(-1)
    torch.testing.assert_close(
        fusion(hidden, links, memory)[~some], fusion(hidden, None, memory)[~some]
    )


def test_the_gates_are_shares_and_those_of_absent_sources_are_zero():
    blend = trained(memory=D).blend
    hidden, some = drawn(2, 5, D), linked().mask.any(-1)
    found = drawn(2, 5, 2 * DE, seed=6)
    gates = blend.gates(hidden, drawn(2, 5, D, seed=5), found, some)
    torch.testing.assert_close(gates.sum(-1), torch.ones(2, 5))
    assert (gates[..., 2][~some] == 0).all()
    assert (gates[..., 2][some] > 0).all()
    assert (blend.gates(hidden, None, found, some)[..., 1] == 0).all()


def test_a_source_that_a_blend_was_made_without_is_refused():
    with pytest.raises(InvalidInput, match="made without memory"):
        Blend(D, 0, DE)(drawn(2, 5, D), drawn(2, 5, D))


def test_frozen_tables_do_not_learn_and_trained_ones_do():
    assert {"entities", "relations"}.isdisjoint(n for n, _ in read().named_parameters())
    assert {"entities", "relations"} < {n for n, _ in read(trained=True).named_parameters()}
    assert read().entities.square().mean().sqrt() == pytest.approx(1)


def test_it_takes_any_embedding_with_tables_and_a_graph():
    """And reads the facts from their tails too, by the inverse rows that the embedding's scorer
    gives.
    """
    asked = []

    def relations_of(scorer, kinds, count):
        asked.append((scorer, kinds.tolist(), count))
        return drawn(2 * R, 4, seed=1)

    embedding = SimpleNamespace(
        tables=SimpleNamespace(
            entity=drawn(NE, DE), relation=drawn(R, 4), relations_of=relations_of
        ),
        graph=SimpleNamespace(ids=FACTS.numpy(), relations=("a", "b", "c")),
        recipe=SimpleNamespace(scorer=lambda: "its scorer"),
    )
    fusion = KnowledgeFusion.of(embedding, D, heads=2, key=5)
    assert asked == [("its scorer", [0, 1, 2, 3, 4, 5], 3)]
    assert fusion.read.known.sum() == 2 * len(FACTS)
    assert KnowledgeFusion.of(embedding, D, neighbours=False).read.known.numel() == 0


def test_facts_beyond_the_most_are_left_out_in_order():
    module = read(most=2)
    assert module.tail[0][module.known[0]].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("facts", "said"),
    [([[7, 0, 1]], "head 7, of 7"), ([[0, 3, 1]], "relation 3, of 3"), ([[0, 0, -1]], "tail -1")],
)
def test_facts_of_another_graph_are_refused(facts, said):
    with pytest.raises(InvalidInput, match=said):
        KnowledgeRead(D, drawn(NE, DE), drawn(R, 4), torch.tensor(facts))


def test_links_that_do_not_fit_are_refused():
    fusion = trained()
    with pytest.raises(InvalidInput, match="first two axes"):
        fusion(drawn(2, 4, D), linked())
    wrong = Linked(linked().entities + 10, linked().mask)
    with pytest.raises(InvalidInput, match="entity 15 is linked, of 7"):
        fusion(drawn(2, 5, D), wrong)
    with pytest.raises(InvalidInput, match="integers and bool"):
        Linked(linked().entities, linked().entities)


# -- linking
# ----------------------------------------------------------------------------------------


def found(linker, text):
    return [(text[m.start : m.end], m.entities) for m in linker.mentions(text)]


def test_the_longest_name_wins_in_english_and_in_chinese():
    linker = TextLinker(
        {"New York": 0, "New York City": 1, "York": 2, "成都": 3, "成都市": 4, "Wei": 5}
    )
    assert found(linker, "Wei left new york city for York.") == [
        ("Wei", (5,)),
        ("new york city", (1,)),
        ("York", (2,)),
    ]
    assert found(linker, "我从New York搬到成都市，又回成都。") == [
        ("New York", (0,)),
        ("成都市", (4,)),
        ("成都", (3,)),
    ]


def test_a_name_is_not_found_inside_a_word():
    linker = TextLinker({"Lima": 0, "利马": 1})
    assert found(linker, "limas climate, Lima_2, LIMA") == [("LIMA", (0,))]
    assert found(linker, "秘鲁利马人") == [("利马", (1,))]


def test_a_name_of_several_things_gives_them_all():
    linker = TextLinker([("Paris", 0), ("paris", 9), ("Paris", 0)])
    assert found(linker, "Paris") == [("Paris", (0, 9))]
    both = linker(["Paris"], torch.tensor([[[0, 5]]]))
    assert both.entities.tolist() == [[[0, 9]]]
    assert TextLinker([("Paris", 0), ("Paris", 9)], most=1)(
        ["Paris"], torch.tensor([[[0, 5]]])
    ).entities.tolist() == [[[0]]]


def test_text_links_follow_the_offsets_of_a_tokenizer():
    text = "Wei 在成都"
    offsets = torch.tensor([[[0, 0], [0, 2], [2, 3], [4, 5], [5, 6], [6, 7], [0, 0]]])
    linked_ = TextLinker({"Wei": 5, "成都": 3})([text], offsets)
    assert linked_.mask[0, :, 0].tolist() == [False, True, True, False, True, True, False]
    assert linked_.entities[0, [1, 2, 4, 5], 0].tolist() == [5, 5, 3, 3]
    last = TextLinker({"Wei": 5, "成都": 3}, causal=True)([text], offsets)
    assert last.mask[0, :, 0].tolist() == [False, False, True, False, False, True, False]


def naive_ending(names, ids):
    """For each token the longest name that ends there, by trying all spans."""
    ends = {}
    for end in range(1, len(ids) + 1):
        for start in range(end):
            hits = [e for name, e in names if list(name) == ids[start:end]]
            if hits:
                ends[end - 1] = list(dict.fromkeys(hits))
                break
    return ends


def test_token_links_agree_with_a_naive_search():
    generator = torch.Generator().manual_seed(3)
    for _ in range(20):
        ids = torch.randint(3, (1, 13), generator=generator)
        names = [
            (tuple(torch.randint(3, (n,), generator=generator).tolist()), n)
            for n in (1, 2, 2, 3, 4)
        ]
        made = TokenLinker(names, causal=True, most=9)(ids)
        got = {
            t: made.entities[0, t][made.mask[0, t]].tolist()
            for t in range(13)
            if made.mask[0, t].any()
        }
        assert got == naive_ending(names, ids[0].tolist())


def test_causal_links_do_not_change_with_what_comes_after():
    linker = TokenLinker([((1, 2), 0), ((1, 2, 3), 1)], causal=True)
    whole, part = linker(torch.tensor([[1, 2, 3]])), linker(torch.tensor([[1, 2]]))
    assert torch.equal(whole.entities[:, :2], part.entities)
    assert torch.equal(whole.mask[:, :2], part.mask)
    both = TokenLinker([((1, 2), 0), ((1, 2, 3), 1)])(torch.tensor([[1, 2, 3]]))
    assert both.entities[0, :, 0].tolist() == [1, 1, 1]


def test_padding_names_nothing():
    linker = TokenLinker([((1, 2), 0)])
    mask = torch.tensor([[True, False, True]])
    assert not linker(torch.tensor([[1, 2, 2]]), mask).mask.any()


def test_an_empty_name_and_a_silly_most_are_refused():
    with pytest.raises(InvalidInput, match="empty name"):
        TextLinker({"": 0})
    with pytest.raises(InvalidInput, match="most=0"):
        TokenLinker([], most=0)
