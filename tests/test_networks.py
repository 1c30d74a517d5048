"""Network measures on graphs whose values are known."""

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import cases, centralization, density, design_concentration, reciprocity, stakeholder_network, tie_table


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
        graph.add_edge(f"org {number}", "contract", kind="design", what=f"function {number}")
    assert design_concentration(graph) == pytest.approx(1 / organisations)
    graph.add_edge("org 0", "contract", kind="money", what="function 9")
    assert design_concentration(graph) == pytest.approx(1 / organisations)


def test_a_shared_function_counts_in_halves():
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "x", kind="design", what="metrics")
    graph.add_edge("b", "x", kind="design", what="metrics")
    graph.add_edge("a", "y", kind="design", what="investor")
    assert design_concentration(graph) == pytest.approx(0.75**2 + 0.25**2)


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
