"""Stakeholder networks: who pays, contracts, serves, evaluates and designs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sibmodels import cases

if TYPE_CHECKING:  # loaded where it is used: it takes a third of the time of importing the package
    import networkx as nx

__all__ = ["centralization", "density", "design_concentration", "reciprocity", "stakeholder_network", "tie_table"]


def stakeholder_network(case: str) -> nx.MultiDiGraph:
    """The coded stakeholders and ties of a case.

    Nodes carry ``role`` and ``sector``. Edges are keyed by number and carry ``kind`` (money, contract,
    service, evaluation, design), ``what`` and ``confidence``.

    Examples
    --------
    >>> graph = stakeholder_network("kobe")
    >>> sorted({kind for *_, kind in graph.edges(data="kind")})
    ['contract', 'design', 'evaluation', 'money', 'service']
    """
    import networkx as nx

    graph = nx.MultiDiGraph(case=case)
    for row in cases.table("stakeholders", case).itertuples():
        graph.add_node(row.stakeholder, role=row.value, sector=row.sector)
    for row in cases.table("ties", case).itertuples():
        graph.add_edge(row.giver, row.receiver, kind=row.kind, what=row.what, confidence=row.confidence)
    return graph


def tie_table(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Ties of the same kind between the same two counted: columns ``from``, ``to``, ``kind``, ``ties``, ``what``.

    >>> table = tie_table(stakeholder_network("kobe"))
    >>> table.loc[table["kind"] == "design", "ties"].tolist()
    [1, 3, 1, 1]
    """
    ties = pd.DataFrame(
        [(giver, receiver, data["kind"], data["what"]) for giver, receiver, data in graph.edges(data=True)],
        columns=["from", "to", "kind", "what"],
    )
    grouped = ties.groupby(["from", "to", "kind"], sort=False)["what"]
    return grouped.agg(ties="size", what=", ".join).reset_index()


def centralization(graph: nx.Graph) -> float:
    """Freeman degree centralization of the undirected, simple graph: 1 for a star, 0 for a ring.

    The sum of (largest degree - degree) over the (n - 1)(n - 2) that a star of n nodes has.

    >>> import networkx as nx
    >>> centralization(nx.star_graph(5)), centralization(nx.cycle_graph(5))
    (1.0, 0.0)
    """
    simple = _simple(graph)
    size = len(simple)
    if size < 3:
        raise ValueError(f"the graph has {size} nodes; centralization needs at least 3")
    degrees = [degree for _, degree in simple.degree()]
    return sum(max(degrees) - degree for degree in degrees) / ((size - 1) * (size - 2))


def density(graph: nx.Graph) -> float:
    """Share of pairs that are tied in any way.

    >>> import networkx as nx
    >>> density(nx.complete_graph(4))
    1.0
    """
    simple = _simple(graph)
    pairs = len(simple) * (len(simple) - 1) / 2
    return simple.number_of_edges() / pairs if pairs else 0.0


def reciprocity(graph: nx.MultiDiGraph) -> float:
    """Of all ordered pairs with a tie, the share whose tie is answered by one the other way.

    >>> import networkx as nx
    >>> reciprocity(nx.MultiDiGraph([("a", "b"), ("b", "a"), ("a", "c"), ("a", "c")]))
    0.6666666666666666
    """
    pairs = {(giver, receiver) for giver, receiver in graph.edges() if giver != receiver}
    if not pairs:
        raise ValueError("the graph has no ties between different nodes; reciprocity needs at least one")
    return sum((receiver, giver) in pairs for giver, receiver in pairs) / len(pairs)


def design_concentration(graph: nx.MultiDiGraph) -> float:
    """Herfindahl index of who proposed the design functions: 1 if one organisation proposed all.

    A function (such as the contract framework or the choice of evaluator) proposed by k organisations
    counts 1/k for each. Functions of which nobody knows who proposed them are not in the graph.

    >>> design_concentration(stakeholder_network("kobe"))
    1.0
    """
    ties = pd.DataFrame(
        [(giver, data["what"]) for giver, _, data in graph.edges(data=True) if data["kind"] == "design"],
        columns=["giver", "function"],
    ).drop_duplicates()
    if ties.empty:
        raise ValueError("the graph has no design ties; who proposed the functions is not known")
    ties["credit"] = 1 / ties.groupby("function")["giver"].transform("count")
    shares = ties.groupby("giver")["credit"].sum() / ties["credit"].sum()
    return float((shares**2).sum())


def _simple(graph: nx.Graph) -> nx.Graph:
    import networkx as nx

    simple = nx.Graph(graph)
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    return simple
