"""World data: INDIGO, the GO Lab's data set of impact bonds, read from the publisher's own CSV files.

The book ships a small extract of facts (`shipped`), made from a copy published in December 2025 by the
Government Outcomes Lab, Blavatnik School of Government, University of Oxford. Its publisher describes
INDIGO as open data; no licence text was found. To make the extract anew, download "all public data, one
file per type" from the INDIGO pages of the GO Lab's site and run, on the folder or the zip file::

    python -m sibmodels.indigo FOLDER_OR_ZIP

Nothing here opens a network connection. Projects choose whether to share data, so no count or ratio from
it is that of all impact bonds.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import difflib
import io
import itertools
import math
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import pandas as pd

from sibmodels import _checks as check
from sibmodels import files, tables

__all__ = ["DATES", "Indigo", "counts", "doubts", "promised_and_paid", "read", "refresh", "shipped", "years"]

DATES = ("service_start", "signed", "all_signed")
"""What can date a project: when its service starts, its outcomes contract is signed, or all its contracts are."""

PROJECTS, PLACES, PAYMENTS = "projects.csv", "projects_delivery_locations.csv", "projects_outcome_payments.csv"
INVESTED = "Overall project finance - Total investment commitment - "
PAYABLE = "Overall project finance - Maximum potential outcome payment - "
USERS = "number of unique service users or beneficiaries"
COLUMNS = {
    PROJECTS: {
        "id": "ID",
        "name": "Impact Bond Name - (Value)",
        "sector": "Purpose and classifications - Policy sector - (Value)",
        "stage": "Stage of Development - (Value)",
        "signed": "Dates - Date outcomes contract signed - (Value)",
        "all_signed": "Dates - Date contracts between all parties signed - (Value)",
        "service_start": "Dates - Start date of service provision - (Value)",
        "investment": INVESTED + "Amount - Exact - (Value)",
        "investment_min": INVESTED + "Amount - Min - (Value)",
        "investment_max": INVESTED + "Amount - Max - (Value)",
        "investment_currency": INVESTED + "Currency - (Value)",
        "investment_usd": INVESTED + "Amount USD - Exact - (Value)",
        "max_outcome_payment": PAYABLE + "Amount - (Value)",
        "max_outcome_currency": PAYABLE + "Currency - (Value)",
        "target_users": f"Service and beneficiaries - Targeted {USERS} (total) - (Value)",
        "actual_users": f"Service and beneficiaries - Actual {USERS} engaged (total) - (Value)",
    },
    PLACES: {"id": "Project ID", "country": "Location - Country - (Value)"},
    PAYMENTS: {
        "id": "Project ID",
        "kind": "Type - (Value)",
        "plan": "Outcome Payment Plan Id - (Value)",
        "start": "Period - Start - (Value)",
        "end": "Period - End - (Value)",
        "currency": "Payments - Currency - (Value)",
        "amount": "Payments - Amount - (Value)",
        "covid": "Notes",
    },
}
"""The publisher's columns that are read, by file, under our names."""

MARKS = {"covid"}  # only whether these notes name COVID is taken: their text is the publisher's own
NEEDED = {PROJECTS: ("id",), PLACES: ("id",), PAYMENTS: ("id", "kind", "currency", "amount")}
CALLED = {"id": "project id", "kind": "type", "currency": "currency", "amount": "amount"}
TABLES = ("indigo_projects", "indigo_payments", "indigo_dropped")

# ISO 3166 alpha-2 and ISO 4217, so that no other two or three letters pass for a country or a currency
_COUNTRIES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY "
    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK "
    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR "
    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK "
    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF "
    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
_CURRENCIES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
    "TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL"
)
COUNTRIES, CURRENCIES = frozenset(_COUNTRIES.split()), frozenset(_CURRENCIES.split())
CURRENCY_NAMES = {  # as typed in the files; "Swedish" is the krona: its amounts convert to dollars as kronor do
    "israeli new shekels": "ILS",
    "japanese yen": "JPY",
    "nz dollar": "NZD",
    "russian ruble": "RUB",
    "russian rubles": "RUB",
    "south african rand": "ZAR",
    "south korean won": "KRW",
    "swedish": "SEK",
    "swiss francs": "CHF",
}


@dataclass(frozen=True)
class Indigo:
    """The data set as three tidy tables.

    Attributes
    ----------
    projects : DataFrame
        Index ``id``; ``name``, ``country`` (ISO 3166 alpha-2, where the service is delivered, the first
        named), ``sector``, ``stage``, ``start_year`` and ``start_from`` (which of `DATES` gave it),
        ``signed``, ``all_signed``, ``service_start`` (YYYY, YYYY-MM or YYYY-MM-DD), ``investment`` in
        ``investment_currency``, ``investment_usd``, ``max_outcome_payment`` in ``max_outcome_currency``,
        ``target_users``, ``actual_users``.
    payments : DataFrame
        ``project_id``, ``kind`` (planned or actual), ``plan``, ``start``, ``end``, ``currency``,
        ``amount``, ``covid`` (whether its note names COVID).
    dropped : DataFrame
        Every filled cell of a column we read that is in neither: ``file``, ``row`` (the header is row 1),
        ``column``, ``value``, ``reason``.
    """

    projects: pd.DataFrame
    payments: pd.DataFrame
    dropped: pd.DataFrame


@dataclass(frozen=True)
class _Row:
    """One row of a file: its filled cells by our names, and what a parser made of them."""

    file: str
    number: int
    cells: dict[str, str]
    values: dict[str, object]
    reasons: dict[str, str]  # why a cell was not taken

    def losses(self, why: str = "") -> list[tuple]:
        """Cells not taken; with `why`, the whole row is not."""
        lost = {**dict.fromkeys(self.cells, why), **self.reasons} if why else self.reasons
        columns = COLUMNS[self.file]
        return [
            (self.file, self.number, columns[key], self.cells[key], lost[key])
            for key in self.cells
            if key in lost and key not in MARKS
        ]


def read(folder_or_zip: str | Path) -> Indigo:
    """Read the publisher's download.

    Parameters
    ----------
    folder_or_zip : str or Path
        Holds ``projects.csv``, ``projects_delivery_locations.csv`` and ``projects_outcome_payments.csv``.

    Returns
    -------
    Indigo
        Amounts are in the currency named, not rounded and not converted. Nothing is guessed: a cell that
        is not plainly an amount, a date, a currency or a country is in `Indigo.dropped`. So are ranges of
        investment, payments of no stated type, and a project's second country. Left out are all other
        columns, among them the payments' dollar amounts, which many rows convert the wrong way round.

    Raises
    ------
    FileNotFoundError
        Without the folder, the zip file or one of the three files in it.
    ValueError
        For a file that is no CSV text or lacks a column; names both.

    Examples
    --------
    >>> read("indigo.zip")
    Traceback (most recent call last):
    FileNotFoundError: indigo.zip: no such folder or zip file; the publisher's download is needed, which holds ...
    """
    dropped: list[tuple] = []
    rows = {file: list(_rows(Path(folder_or_zip), file, dropped)) for file in COLUMNS}
    projects = _first_of_each(rows[PROJECTS], dropped)
    countries = _countries(_known(rows[PLACES], projects, dropped), dropped)
    for row in projects.values():
        _need_currency(row)
        dropped += row.losses()
    payments = []
    for row in _known(rows[PAYMENTS], projects, dropped):
        if row.values["end"] and _month(row.values["start"], "01") > _month(row.values["end"], "12"):
            row.reasons["end"] = "before the period starts"
            row.values["end"] = ""
        dropped += row.losses()
        payments.append({"project_id": row.values["id"], **row.values})
    order = [(file, column) for file, columns in COLUMNS.items() for column in ("", *columns.values())]
    places = {place: n for n, place in enumerate(order)}
    dropped.sort(key=lambda loss: (list(COLUMNS).index(loss[0]), loss[1], places[loss[0], loss[2]]))
    return Indigo(
        _projects([{**row.values, "country": countries.get(key, "")} for key, row in projects.items()]),
        _payments(payments),
        _dropped(dropped),
    )


def shipped() -> Indigo:
    """The book's own extract: facts only, of the copy published in December 2025.

    Examples
    --------
    >>> world = shipped()
    >>> len(world.projects), world.projects["country"].nunique(), world.payments["project_id"].nunique()
    (320, 39, 33)
    """
    return _load(tables.folder())


def years(projects: pd.DataFrame, dated: Sequence[str] = DATES) -> pd.Series:
    """The year of each project by the first of the dates that it has; none where it has none of them.

    Parameters
    ----------
    projects : DataFrame
        As in `Indigo`.
    dated : sequence of str
        Of `DATES`, the preferred first.

    Examples
    --------
    >>> projects = shipped().projects
    >>> [int(years(projects, [date]).notna().sum()) for date in DATES]
    [294, 236, 40]
    """
    return _dated(projects, dated)[0]


def counts(
    projects: pd.DataFrame,
    by: str = "sector",
    starts: Sequence[int] = (2010, 2015, 2018, 2021),
    dated: Sequence[str] = DATES,
) -> pd.DataFrame:
    """Projects by kind and period.

    Parameters
    ----------
    projects : DataFrame
        As in `Indigo`; a part of it for one country.
    by : str
        A column of text, such as ``sector`` or ``country``.
    starts : sequence of int
        First year of each period, ascending; the last has no end.
    dated : sequence of str
        What dates a project: see `years`.

    Returns
    -------
    DataFrame
        A row a kind, most frequent first; a column a period, then ``undated`` (which counts also what is
        older than the first period) and ``all``.

    Examples
    --------
    >>> projects = shipped().projects
    >>> counts(projects[projects["country"] == "JP"], starts=(2015, 2018, 2021)).loc["Health"].to_dict()
    {'2015–2017': 2, '2018–2020': 8, '2021 on': 1, 'undated': 0, 'all': 11}
    """
    check.one_of(by, projects.columns, "by", KeyError)
    starts = [check.whole(start, "starts") for start in starts]
    if not starts or starts != sorted(set(starts)):
        raise ValueError(f"starts are {starts}; at least one year is needed, each later than the one before")
    labels = [
        f"{start}–{after - 1}" if after > start + 1 else str(start) for start, after in itertools.pairwise(starts)
    ]
    labels.append(f"{starts[-1]} on")
    year = years(projects, dated)
    period = pd.Series("undated", index=projects.index)
    for start, label in zip(starts, labels, strict=True):
        period[(year >= start).fillna(False).astype(bool)] = label
    table = pd.crosstab(projects[by], period).reindex(columns=[*labels, "undated"], fill_value=0)
    table["all"] = table.sum(axis=1)
    table.columns.name = None
    return table.sort_values("all", ascending=False, kind="stable")


def promised_and_paid(payments: pd.DataFrame) -> pd.DataFrame:
    """What each project's plans promised and what is recorded as paid.

    Parameters
    ----------
    payments : DataFrame
        As in `Indigo`.

    Returns
    -------
    DataFrame
        A row a project: ``currency``; ``plans`` (number), ``replanned`` (more than one); ``first_plan``
        and ``latest_plan`` (all their amounts); ``paid_to`` (end of the last period with an actual
        payment recorded, zero or not); ``first_due`` and ``latest_due`` (amounts of these plans for
        periods that end by then); ``actual`` (all recorded), ``covid`` (of that, noted as COVID claims);
        ``ratio`` (actual over first_due); ``why_not`` (why it has no ratio, else empty).

        Nothing is discounted. A ratio is of those whose payments are published (chosen by them, or asked of
        them by a fund), plans included that were made in haste or mistyped: no success rate.

    Examples
    --------
    >>> table = promised_and_paid(shipped().payments)
    >>> table["why_not"].value_counts().to_dict()
    {'': 29, 'no plan is published': 4}
    >>> print(table["ratio"].median().round(2))
    1.01
    """
    rows = {project: _compare(group) for project, group in payments.groupby("project_id")}
    columns = ["currency", "plans", "replanned", "first_plan", "latest_plan", "paid_to"]
    columns += ["first_due", "latest_due", "actual", "covid", "ratio", "why_not"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("project_id")


def doubts(world: Indigo) -> pd.DataFrame:
    """Values that are well formed and yet look wrong; they are left as they are.

    Returns
    -------
    DataFrame
        ``project_id``, ``column``, ``value``, ``why``. Two signs are looked for: projects whose payments
        of one kind add up to the same amount, of at least four digits before its zeros (payments that
        were dropped count too), which may be a copy; and an investment in dollars whose rate lies closer
        to the inverse of its currency's median than to the median (four projects at least).

    Examples
    --------
    >>> doubts(shipped())["project_id"].tolist()
    ['INDIGO-POJ-0135', 'INDIGO-POJ-0136', 'INDIGO-POJ-0285']
    """
    found = [*_same_totals(world), *_inverse_rates(world.projects)]
    return pd.DataFrame(found, columns=["project_id", "column", "value", "why"])


def refresh(folder_or_zip: str | Path, out: str | Path | None = None) -> list[str]:
    """Write the extract anew from the publisher's download, whole or not at all.

    Parameters
    ----------
    folder_or_zip : str or Path
        See `read`.
    out : str or Path, optional
        Folder of the three files; the book's own ``data`` unless given.

    Returns
    -------
    list of str
        What changed, a line a table.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read` does; also for a download without any project, or no folder `out`.
    """
    out = Path(out) if out is not None else tables.folder()
    if not out.is_dir():
        raise FileNotFoundError(f"{out}: no such folder; the extract needs one to be written into")
    new = read(folder_or_zip)
    if new.projects.empty:
        raise ValueError(f"{folder_or_zip}: {PROJECTS} holds no project that can be read; the extract stays as it was")
    old = _load(out) if all((out / f"{name}.csv").exists() for name in TABLES) else None
    writers = {
        out / f"{name}.csv": partial(Path.write_text, data=text, encoding="utf-8", newline="")
        for name, text in _as_csv(new).items()
    }
    files.write_all(writers, replace=True)
    tables._read.cache_clear()
    return _changes(old, new)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when the extract was written, 1 when nothing was, 2 when called wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m sibmodels.indigo",
        description="Make the book's extract of INDIGO anew from the publisher's download; nothing is fetched.",
        epilog='Download "all public data, one file per type" from the INDIGO pages of the GO Lab\'s site first.',
    )
    parser.add_argument("source", metavar="FOLDER_OR_ZIP", help="the download, unpacked or not")
    parser.add_argument("--out", help="folder to write into (the book's data)")
    given = parser.parse_args(arguments)
    try:
        lines = refresh(given.source, given.out)
    except (OSError, ValueError) as error:
        print(f"Nothing was written. {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    print("If the download is newer, change the date of the copy in data/sources.csv and book/references.bib.")
    return 0


# reading the files


def _rows(source: Path, file: str, dropped: list[tuple]) -> Iterator[_Row]:
    """The rows of a file that can be used; what cannot is added to `dropped`."""
    try:
        header, *records = list(csv.reader(io.StringIO(_text(_bytes(source, file), file), newline=""))) or [[]]
    except csv.Error as error:
        raise ValueError(f"{file}: not readable as CSV ({error})") from error
    places = _places(file, [" ".join(cell.split()) for cell in header])
    seen: dict[tuple, int] = {}
    for number, record in enumerate(records, start=2):
        cells = [" ".join(cell.split()) for cell in record]
        if not any(cells):
            continue
        row = _row(file, number, {key: cells[at] for key, at in places.items() if at < len(cells) and cells[at]})
        surplus = [cell for cell in cells[len(header) :] if cell]
        why = ""
        if len(cells) < len(header) or surplus:  # who knows which cell is missing or too many
            why = f"the row has {len(cells)} cells, the header {len(header)}"
            dropped += [(file, number, "", cell, why) for cell in surplus]
        elif (first := seen.setdefault(tuple(cells[: len(header)]), number)) != number:
            why = f"the same as row {first}"
        for key in NEEDED[file]:
            if not why and row.values[key] in ("", None):
                why = f"the row has no usable {CALLED[key]}"
        if why:
            dropped += row.losses(why)
        else:
            yield row


def _bytes(source: Path, file: str) -> bytes:
    """One file of the download, at its top or one folder below."""
    wanted = f"the publisher's download is needed, which holds {', '.join(COLUMNS)}"
    if source.is_dir():
        found = [*source.glob(file), *source.glob(f"*/{file}")]
        take: Callable = Path.read_bytes
    elif not source.exists():
        raise FileNotFoundError(f"{source}: no such folder or zip file; {wanted}")
    elif not zipfile.is_zipfile(source):
        raise ValueError(f"{source}: neither a folder nor a zip file; {wanted}")
    else:
        with zipfile.ZipFile(source) as archive:
            members = [PurePosixPath(name) for name in archive.namelist()]
        found = [name for name in members if name.name == file and "__MACOSX" not in name.parts]
        take = lambda name: _unzip(source, str(name))  # noqa: E731
    if not found:
        raise FileNotFoundError(f"{source}: {file} is missing; {wanted}")
    if len(found) > 1:
        raise ValueError(f"{source}: {file} is there {len(found)} times ({', '.join(map(str, found))}); one is needed")
    return take(found[0])


def _unzip(source: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(source) as archive:
            return archive.read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # damaged, or locked by a password
        raise ValueError(f"{source}: {name} cannot be unpacked ({error})") from error


def _text(raw: bytes, file: str) -> str:
    """UTF-8 or, where marked, UTF-16; else Windows-1252, as spreadsheets save."""
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError(f"{file}: not text in UTF-8, UTF-16 or Windows-1252")


def _places(file: str, header: list[str]) -> dict[str, int]:
    """Where each column that is read stands."""
    for column in COLUMNS[file].values():
        if header.count(column) != 1:
            near = difflib.get_close_matches(column, header, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near and near[0] != column else ""
            problem = "is there more than once" if column in header else f"is missing{hint}"
            raise ValueError(
                f"{file}: column {column!r} {problem}; once each are needed: {list(COLUMNS[file].values())}"
            )
    return {key: header.index(column) for key, column in COLUMNS[file].items()}


def _row(file: str, number: int, cells: dict[str, str]) -> _Row:
    values, reasons = {}, {}
    for key in COLUMNS[file]:
        values[key], reason = PARSERS.get(key, _as_is)(cells.get(key, ""))
        if reason and key in cells:
            reasons[key] = reason
    return _Row(file, number, cells, values, reasons)


def _first_of_each(rows: list[_Row], dropped: list[tuple]) -> dict[str, _Row]:
    """One row a project; a second one under the same id is not taken."""
    first: dict[str, _Row] = {}
    for row in rows:
        kept = first.setdefault(row.values["id"], row)
        if kept is not row:
            dropped += row.losses(f"another project under the id of row {kept.number}")
    return first


def _known(rows: list[_Row], projects: dict[str, _Row], dropped: list[tuple]) -> Iterator[_Row]:
    for row in rows:
        if row.values["id"] in projects:
            yield row
        else:
            dropped += row.losses(f"no project of this id in {PROJECTS}")


def _countries(rows: Iterator[_Row], dropped: list[tuple]) -> dict[str, str]:
    """The first country named for each project."""
    first: dict[str, str] = {}
    for row in rows:
        project, country = row.values["id"], row.values["country"]
        if country and first.setdefault(project, country) != country:
            row.reasons["country"] = f"the project's first place is in {first[project]}"
        dropped += row.losses()
    return first


def _need_currency(row: _Row) -> None:
    """An amount is of no use without its currency."""
    for amount, currency in (("investment", "investment_currency"), ("max_outcome_payment", "max_outcome_currency")):
        if amount in row.cells and amount not in row.reasons and not row.values[currency]:
            row.values[amount] = None
            row.reasons[amount] = "no usable currency"


# one cell each: its value, and why there is none


def _as_is(cell: str) -> tuple[str, str]:
    return cell, ""


def _id(cell: str) -> tuple[str, str]:
    return (cell, "") if re.fullmatch(r"INDIGO-POJ-[0-9]+", cell) else ("", "not a project id")


def _amount(cell: str) -> tuple[float | None, str]:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", cell) or math.isinf(float(cell)):
        return None, "not a plain number"
    return (None, "below zero") if cell.startswith("-") else (float(cell), "")


def _people(cell: str) -> tuple[int | None, str]:
    value, reason = _amount(cell)
    if value is None or (value.is_integer() and value < 2**53):
        return (None, reason) if value is None else (int(value), "")
    return None, "not a whole number"


def _range(cell: str) -> tuple[None, str]:
    return None, "end of a range; only exact amounts are taken"


def _date(cell: str) -> tuple[str, str]:
    parts = re.fullmatch(r"(20[0-9]{2})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", cell)
    try:
        datetime.date(*(int(part or 1) for part in parts.groups()))
    except (AttributeError, ValueError):
        return "", "not a date since 2000 as YYYY, YYYY-MM or YYYY-MM-DD"
    return cell, ""


def _currency(cell: str) -> tuple[str, str]:
    code = CURRENCY_NAMES.get(cell.casefold(), cell.upper())
    return (code, "") if code in CURRENCIES else ("", "not a currency")


def _country(cell: str) -> tuple[str, str]:
    return (cell.upper(), "") if cell.upper() in COUNTRIES else ("", "not an ISO 3166 alpha-2 code")


def _kind(cell: str) -> tuple[str, str]:
    kind = cell.casefold()
    return (kind, "") if kind in ("planned", "actual") else ("", "neither planned nor actual")


def _plan(cell: str) -> tuple[str, str]:
    return cell.casefold(), ""


def _covid(cell: str) -> tuple[bool, str]:
    return "covid" in cell.casefold(), ""


PARSERS: dict[str, Callable] = {
    **dict.fromkeys(("signed", "all_signed", "service_start", "start", "end"), _date),
    **dict.fromkeys(("investment", "investment_usd", "max_outcome_payment", "amount"), _amount),
    **dict.fromkeys(("investment_min", "investment_max"), _range),
    **dict.fromkeys(("target_users", "actual_users"), _people),
    **dict.fromkeys(("investment_currency", "max_outcome_currency", "currency"), _currency),
    "id": _id,
    "country": _country,
    "kind": _kind,
    "plan": _plan,
    "covid": _covid,
}


# the tidy tables, and the files of the extract


def _projects(records: list[dict]) -> pd.DataFrame:
    words = ["name", "country", "sector", "stage", "signed", "all_signed", "service_start"]
    words += ["investment_currency", "max_outcome_currency"]
    amounts, people = ["investment", "investment_usd", "max_outcome_payment"], ["target_users", "actual_users"]
    table = pd.DataFrame(records, columns=["id", *words, *amounts, *people]).set_index("id").sort_index()
    table.index = table.index.astype(str)
    table = table.astype(dict.fromkeys(words, str) | dict.fromkeys(amounts, float)).astype(
        dict.fromkeys(people, "Int64")
    )
    table["start_year"], table["start_from"] = _dated(table, DATES)
    order = ["name", "country", "sector", "stage", "start_year", "start_from", "signed", "all_signed", "service_start"]
    order += ["investment", "investment_currency", "investment_usd", "max_outcome_payment", "max_outcome_currency"]
    return table[order + people]


def _payments(records: list[dict]) -> pd.DataFrame:
    words = ["project_id", "kind", "plan", "start", "end", "currency"]
    table = pd.DataFrame(records, columns=[*words, "amount", "covid"])
    return table.astype(dict.fromkeys(words, str) | {"amount": float, "covid": bool})


def _dropped(losses: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(losses, columns=["file", "row", "column", "value", "reason"])
    return table.astype(dict.fromkeys(["file", "column", "value", "reason"], str) | {"row": int})


def _dated(projects: pd.DataFrame, dated: Sequence[str]) -> tuple[pd.Series, pd.Series]:
    """The year, and the column that gave it."""
    if isinstance(dated, str) or not len(dated):
        raise ValueError(f"dated is {dated!r}; a list of dates is needed, out of: {', '.join(DATES)}")
    year = pd.Series(pd.NA, index=projects.index, dtype="Int64")
    source = pd.Series("", index=projects.index, dtype=str)
    for column in dated:
        check.one_of(column, DATES, "dated")
        fill = year.isna() & (projects[column] != "")
        year[fill] = projects.loc[fill, column].str[:4].astype("Int64")
        source[fill] = column
    return year, source


def _load(folder: Path) -> Indigo:
    """An extract, from its three files."""
    projects, payments, dropped = (tables.read(name, folder / f"{name}.csv") for name in TABLES)
    payments["covid"] = payments["covid"] == "yes"
    return Indigo(
        _projects(projects.to_dict("records")),
        _payments(payments.to_dict("records")),
        _dropped(list(dropped.itertuples(index=False, name=None))),
    )


def _as_csv(world: Indigo) -> dict[str, str]:
    payments = world.payments.assign(covid=world.payments["covid"].map({True: "yes", False: ""}))
    texts = {}
    for name, table in zip(TABLES, (world.projects.reset_index(), payments, world.dropped), strict=True):
        kept = table[[field["name"] for field in tables.schema(name)]]
        texts[name] = kept.map(_cell).to_csv(index=False, lineterminator="\n")
    return texts


def _cell(value) -> str:
    """A number without a needless fraction, and with all of its digits."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _changes(old: Indigo | None, new: Indigo) -> list[str]:
    cells, lost_rows = len(new.dropped), len(new.dropped[["file", "row"]].drop_duplicates())
    common = {name: len(getattr(new, name)) for name in ("projects", "payments")}
    if old is None:
        changed = dict.fromkeys(common, "no earlier extract")
    else:
        was, now = old.projects.astype(object), new.projects.astype(object)
        both = was.index.intersection(now.index)
        same = (was.loc[both] == now.loc[both]) | (was.loc[both].isna() & now.loc[both].isna())
        changed = {
            "projects": f"{len(now.index.difference(was.index))} new, {len(was.index.difference(now.index))} gone, "
            f"{int((~same.all(axis=1)).sum())} changed",
            "payments": f"{len(old.payments)} before",
        }
    lines = [f"{name}: {common[name]} ({changed[name]})" for name in common]
    lines.append(f"dropped: {cells} cells of {lost_rows} rows")
    reasons = new.dropped["reason"].str.replace(r"row \d+", "an earlier row", regex=True).value_counts()
    return lines + [f"  {count} {reason}" for reason, count in reasons.head(5).items()]


# comparisons


def _month(date: str, default: str) -> str:
    """A date as YYYY-MM; `default` is the month of a date that is only a year."""
    return date[:7] if len(date) > 4 else f"{date}-{default}" if date else ""


def _plan_order(plan: str) -> float | None:
    """Where a plan stands among its project's plans; None if its name does not say."""
    named = {"": 0.0, "original plan": 0.0, "latest plan": math.inf}
    numbered = re.fullmatch(r"plan ?([0-9]+)", plan)
    return float(numbered[1]) if numbered else named.get(plan)


def _compare(group: pd.DataFrame) -> dict:
    """One project's row of `promised_and_paid`."""
    planned, actual = (group[group["kind"] == kind] for kind in ("planned", "actual"))
    plans = sorted(planned["plan"].unique(), key=lambda plan: (_plan_order(plan) or 0, plan))
    due = planned.assign(by=_ends(planned))
    paid_to = max(_ends(actual), default="")
    sums = {
        "currency": "/".join(sorted(group["currency"].unique())),
        "plans": len(plans),
        "replanned": len(plans) > 1,
        "paid_to": paid_to,
        "actual": actual["amount"].sum() if len(actual) else math.nan,
        "covid": actual.loc[actual["covid"], "amount"].sum(),
    }
    for name, plan in (("first", plans[:1]), ("latest", plans[-1:])):
        of_plan = due[due["plan"].isin(plan)]
        sums[f"{name}_plan"] = of_plan["amount"].sum() if plan else math.nan
        sums[f"{name}_due"] = of_plan.loc[of_plan["by"] <= paid_to, "amount"].sum() if plan and paid_to else math.nan
    sums["why_not"] = _why_not(due, actual, plans, sums)
    sums["ratio"] = math.nan if sums["why_not"] else sums["actual"] / sums["first_due"]
    return sums


def _ends(payments: pd.DataFrame) -> list[str]:
    """When each payment's period ends: its start, where the end is not known."""
    return [
        _month(end, "12") or _month(start, "12") for start, end in zip(payments["start"], payments["end"], strict=True)
    ]


def _why_not(due: pd.DataFrame, actual: pd.DataFrame, plans: list[str], sums: dict) -> str:
    order = [_plan_order(plan) for plan in plans]
    if "/" in sums["currency"]:
        return "amounts are in several currencies"
    if actual.empty:
        return "no payment is recorded as made"
    if due.empty:
        return "no plan is published"
    if None in order or len(set(order)) < len(order):
        return "the order of its plans is not known"
    if not sums["paid_to"] or (due.loc[due["plan"] == plans[0], "by"] == "").any():
        return "payments are not dated"
    if not sums["first_due"]:
        return "nothing was planned for the periods that were paid"
    return ""


def _same_totals(world: Indigo) -> list[tuple]:
    lost = world.dropped[world.dropped["file"] == PAYMENTS]
    lost = lost[~lost["reason"].str.startswith("the same as row")].pivot(index="row", columns="column", values="value")
    lost = lost.reindex(columns=[COLUMNS[PAYMENTS][key] for key in ("id", "amount")]).set_axis(["id", "amount"], axis=1)
    totals = world.payments.groupby(["project_id", "kind", "plan"])["amount"].sum().reset_index()
    found = list(zip(totals["project_id"], totals["amount"], strict=True))
    found += [(key, _amount(cell)[0]) for key, cell in lost.dropna().itertuples(index=False)]
    carriers: dict[float, list[str]] = {}
    for project, amount in found:
        if amount and len(f"{amount:.2f}".replace(".", "").strip("0")) >= 4:
            carriers.setdefault(amount, []).append(project)
    return [
        (project, "amount", amount, f"the same total as {', '.join(sorted(set(projects) - {project}))}")
        for amount, projects in sorted(carriers.items())
        for project in sorted(set(projects))
        if len(set(projects)) > 1
    ]


def _inverse_rates(projects: pd.DataFrame) -> list[tuple]:
    known = projects[(projects["investment"] > 0) & (projects["investment_usd"] > 0)]
    known = known.assign(rate=known["investment_usd"] / known["investment"])
    found = []
    for currency, group in known.groupby("investment_currency"):
        usual = group["rate"].median()
        for project, row in group.iterrows():
            off, inverse = abs(math.log(row["rate"] / usual)), abs(math.log(row["rate"] * usual))
            if len(group) >= 4 and inverse < off > 0.1:  # rates drift by a tenth in a year
                why = f"{row['rate']:.2f} USD to 1 {currency}; the median of such projects is {usual:.2f}"
                found.append((project, "investment_usd", row["investment_usd"], why))
    return found


if __name__ == "__main__":
    sys.exit(main())
