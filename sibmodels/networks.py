"""Stakeholder networks: who pays, contracts, serves, evaluates and designs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sibmodels import cases, tables

if TYPE_CHECKING:  # loaded where it is used: it takes a third of the time of importing the package
    import networkx as nx

__all__ = [
    "centralization",
    "density",
    "design_bounds",
    "design_concentration",
    "design_roles",
    "known_ties",
    "reciprocity",
    "stakeholder_network",
    "tie_table",
]

DESIGN_FUNCTIONS = ("contract framework", "outcome metrics", "payment model", "investor", "provider", "evaluator")
"""What somebody has to propose before there is a contract; what `design` ties are about."""


def stakeholder_network(case: str) -> nx.MultiDiGraph[str]:
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

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(case=case)
    for row in tables.rows(cases.table("stakeholders", case)):
        graph.add_node(row.stakeholder, role=row.value, sector=row.sector)
    for row in tables.rows(cases.table("ties", case)):
        graph.add_edge(row.giver, row.receiver, kind=row.kind, what=row.what, confidence=row.confidence)
    return graph


def tie_table(graph: nx.MultiDiGraph[str]) -> pd.DataFrame:
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


def known_ties(graph: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """The graph without its inferred ties. Everybody stays, also who is left without a tie.

    What is left out is not known to be absent: fewer ties mean less knowledge.

    >>> graph = stakeholder_network("kobe")
    >>> kept = known_ties(graph)
    >>> len(kept) == len(graph), graph.number_of_edges(), kept.number_of_edges()
    (True, 17, 9)
    """
    kept = graph.copy()
    for giver, receiver, key, data in graph.edges(keys=True, data=True):
        if data["confidence"] == "inferred":
            kept.remove_edge(giver, receiver, key)
    return kept


def centralization(graph: nx.Graph[Any]) -> float:
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


def density(graph: nx.Graph[Any]) -> float:
    """Share of pairs that are tied in any way.

    >>> import networkx as nx
    >>> density(nx.complete_graph(4))
    1.0
    """
    simple = _simple(graph)
    pairs = len(simple) * (len(simple) - 1) / 2
    return simple.number_of_edges() / pairs if pairs else 0.0


def reciprocity(graph: nx.MultiDiGraph[Any]) -> float:
    """Of all ordered pairs with a tie, the share whose tie is answered by one the other way.

    >>> import networkx as nx
    >>> reciprocity(nx.MultiDiGraph([("a", "b"), ("b", "a"), ("a", "c"), ("a", "c")]))
    0.6666666666666666
    """
    pairs = {(giver, receiver) for giver, receiver in graph.edges() if giver != receiver}
    if not pairs:
        raise ValueError("the graph has no ties between different nodes; reciprocity needs at least one")
    return sum((receiver, giver) in pairs for giver, receiver in pairs) / len(pairs)


def design_concentration(graph: nx.MultiDiGraph[str]) -> float:
    """Herfindahl index of who proposed the design functions: 1 if one organisation proposed all.

    A function (such as the contract framework or the choice of evaluator) proposed by k organisations
    counts 1/k for each. Functions of which nobody knows who proposed them are not in the graph.

    >>> design_concentration(stakeholder_network("kobe"))
    1.0
    """
    credits = _credits(graph)
    if credits.empty:
        raise ValueError("the graph has no design ties; who proposed the functions is not known")
    return float(((credits / credits.sum()) ** 2).sum())


def design_bounds(graph: nx.MultiDiGraph[str]) -> tuple[float, float]:
    """The lowest and the highest concentration of design that what is known leaves possible.

    Of the six `DESIGN_FUNCTIONS` those without a design tie may have been proposed by anybody: each by
    another organisation, which has had no part so far (lowest), or all by the one with the most credit
    already (highest). Sole proposers are assumed; joint proposals could bring the lowest down further.

    Examples
    --------
    >>> design_bounds(stakeholder_network("kobe"))
    (1.0, 1.0)
    >>> low, high = design_bounds(stakeholder_network("yokohama"))
    >>> round(low, 3), high
    (0.167, 1.0)
    """
    credits = _credits(graph)
    unknown = len(DESIGN_FUNCTIONS) - float(credits.sum())
    squares = float((credits**2).sum())
    most = float(credits.max()) if len(credits) else 0.0
    whole = len(DESIGN_FUNCTIONS) ** 2
    return (squares + unknown) / whole, (squares - most**2 + (most + unknown) ** 2) / whole


def design_roles(graph: nx.MultiDiGraph[str]) -> pd.DataFrame:
    """Who proposed each of the six design functions.

    Returns
    -------
    DataFrame
        Index ``function``; columns ``proposed_by`` and ``confidence``, both ``not known`` where no tie says.

    Examples
    --------
    >>> design_roles(stakeholder_network("uk-provider-led")).loc["payment model"].tolist()
    ['Local authority, NHS body', 'inferred']
    """
    rows = {}
    for function in DESIGN_FUNCTIONS:
        ties = [
            (giver, data["confidence"])
            for giver, _, data in graph.edges(data=True)
            if data["kind"] == "design" and data["what"] == function
        ]
        rows[function] = [", ".join(dict.fromkeys(words)) or "not known" for words in zip(*ties, strict=True)] or [
            "not known",
            "not known",
        ]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["proposed_by", "confidence"])
    return table.rename_axis("function")


def _credits(graph: nx.MultiDiGraph[str]) -> pd.Series[float]:
    """Design functions by who proposed them; one proposed by k organisations counts 1/k for each."""
    ties = pd.DataFrame(
        [(giver, data["what"]) for giver, _, data in graph.edges(data=True) if data["kind"] == "design"],
        columns=["giver", "function"],
    ).drop_duplicates()
    strange = sorted(set(ties["function"]) - set(DESIGN_FUNCTIONS))
    if strange:
        raise ValueError(f"design ties are about {strange}; allowed is {', '.join(DESIGN_FUNCTIONS)}")
    credit = 1 / ties.groupby("function")["giver"].transform("count")
    return credit.groupby(ties["giver"]).sum()


def _simple(graph: nx.Graph[Any]) -> nx.Graph[Any]:
    import networkx as nx

    simple: nx.Graph[Any] = nx.Graph(graph)
    simple.remove_edges_from(list(nx.selfloop_edges(simple)))
    return simple
