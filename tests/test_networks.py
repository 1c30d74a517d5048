"""Network measures on graphs whose values are known."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import (
    cases,
    centralization,
    density,
    design_bounds,
    design_concentration,
    design_roles,
    known_ties,
    reciprocity,
    stakeholder_network,
    tie_table,
)
from sibmodels.networks import DESIGN_FUNCTIONS


@given(st.integers(3, 40))
def test_centralization_of_known_graphs(size):
    assert centralization(nx.star_graph(size - 1)) == pytest.approx(1)
    assert centralization(nx.cycle_graph(size)) == 0
    assert centralization(nx.complete_graph(size)) == 0
    # a path: two ends of degree 1, the others 2
    assert centralization(nx.path_graph(size)) == pytest.approx(2 / ((size - 1) * (size - 2)))


def test_parallel_ties_directions_and_loops_do_not_count_twice():
    graph = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "a"), ("b", "c"), ("c", "c")])
    assert density(graph) == pytest.approx(2 / 3)
    assert centralization(graph) == 1
    assert reciprocity(graph) == pytest.approx(2 / 3)


@given(st.integers(1, 6))
def test_concentration_of_design(organisations):
    graph = nx.MultiDiGraph()
    for number in range(organisations):
        graph.add_edge(f"org {number}", "contract", kind="design", what=DESIGN_FUNCTIONS[number])
    assert design_concentration(graph) == pytest.approx(1 / organisations)
    graph.add_edge("org 0", "contract", kind="money", what="function 9")
    assert design_concentration(graph) == pytest.approx(1 / organisations)


def test_a_shared_function_counts_in_halves():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "x", kind="design", what="outcome metrics")
    graph.add_edge("b", "x", kind="design", what="outcome metrics")
    graph.add_edge("a", "y", kind="design", what="investor")
    assert design_concentration(graph) == pytest.approx(0.75**2 + 0.25**2)


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abcdefghi"), min_size=6, max_size=6))
def test_bounds_hold_for_every_way_to_fill_what_is_not_known(known, rest):
    """Whoever proposed the other functions, the concentration lies between the bounds, which can be reached."""
    graph = nx.MultiDiGraph()
    for giver, function in zip(known, DESIGN_FUNCTIONS, strict=False):
        graph.add_edge(giver, "contract", kind="design", what=function)
    low, high = design_bounds(graph)

    def filled(givers):
        whole = nx.MultiDiGraph(graph)
        for giver, function in list(zip(givers, DESIGN_FUNCTIONS, strict=True))[len(known) :]:
            whole.add_edge(giver, "contract", kind="design", what=function)
        return design_concentration(whole)

    most = max(known, key=known.count) if known else "a"
    assert low - 1e-12 <= filled(rest) <= high + 1e-12
    assert filled([most] * 6) == pytest.approx(high)
    assert filled([f"new {number}" for number in range(6)]) == pytest.approx(low)


def test_known_ties_are_those_not_inferred_and_nobody_is_lost():
    for case in cases.names():
        graph = stakeholder_network(case)
        kept = known_ties(graph)
        assert set(kept) == set(graph)
        assert kept.number_of_edges() == (cases.table("ties", case)["confidence"] != "inferred").sum()
        assert density(kept) <= density(graph)


def test_roles_name_every_function_and_everybody_who_proposed_it():
    assert set(design_roles(stakeholder_network("kobe"))["proposed_by"]) == {"SIIF"}
    assert set(design_roles(stakeholder_network("yokohama"))["proposed_by"]) == {"not known"}
    roles = design_roles(stakeholder_network("uk-commissioner-led"))
    assert list(roles.index) == list(DESIGN_FUNCTIONS)
    assert roles.loc["outcome metrics", "proposed_by"] == "NHS body, Local authority 1, Local authority 2"
    assert (roles["proposed_by"] == "not known").sum() == 4


def test_a_design_function_that_is_none_is_refused():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", kind="design", what="colour of the logo")
    with pytest.raises(ValueError, match="colour of the logo"):
        design_concentration(graph)


def test_kobe_was_designed_by_one():
    graph = stakeholder_network("kobe")
    ties = tie_table(graph)
    design = ties[ties["kind"] == "design"]
    assert design_concentration(graph) == 1
    assert set(design["from"]) == {"SIIF"}
    assert design["ties"].sum() == 6


@pytest.mark.parametrize("case", cases.names())
def test_every_stakeholder_has_a_tie_and_a_role(case):
    graph = stakeholder_network(case)
    assert min(degree for _, degree in graph.degree()) > 0
    assert all(role for _, role in graph.nodes(data="role"))
    assert tie_table(graph)["ties"].sum() == graph.number_of_edges() == len(cases.table("ties", case))


def test_bad_input():
    with pytest.raises(ValueError, match="at least 3"):
        centralization(nx.path_graph(2))
    with pytest.raises(ValueError, match="not known"):
        design_concentration(stakeholder_network("yokohama"))
    with pytest.raises(ValueError, match="at least one"):
        reciprocity(nx.MultiDiGraph([("a", "a")]))
    with pytest.raises(KeyError, match=r"case 'kyoto' is unknown.*kobe"):
        stakeholder_network("kyoto")
