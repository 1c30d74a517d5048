"""The publisher's files: the columns that are read, and what one cell of each means."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from typing import Any, TypeAlias

Loss: TypeAlias = tuple[str, int, str, str, str]  # a cell that was not taken: file, row, column, value, reason

DATES = ("service_start", "signed", "all_signed")
"""What can date a project: when its service starts, its outcomes contract is signed, or all its contracts are."""
ENDS = ("completed", "completion_planned", "service_end", "service_end_planned")
"""What can say when a project is over: the first is all that is paid, the last the service, as planned."""
AMOUNTS = {  # and the column of their currency
    "investment": "investment_currency",
    "investment_min": "investment_currency",
    "investment_max": "investment_currency",
    "max_outcome_payment": "max_outcome_currency",
    "paid": "paid_currency",
}
PROJECTS, PLACES, PAYMENTS = "projects.csv", "projects_delivery_locations.csv", "projects_outcome_payments.csv"
"""The publisher's files that are read: projects, where each is delivered, and outcome payments."""
TERMS = METRICS, PRICES, RESULTS = (
    "projects_outcome_metrics.csv",
    "projects_outcome_pricings.csv",
    "projects_results.csv",
)
"""Three more, read where they are there: what is measured, what each is paid for, and what came out."""
INVESTED = "Overall project finance - Total investment commitment - "
PAYABLE = "Overall project finance - Maximum potential outcome payment - "
PAID = "Overall project finance - Total outcome payments made - "
SERVICE = " of service provision - (Value)"
USERS = "number of unique service users or beneficiaries"
COLUMNS = {
    PROJECTS: {
        "id": "ID",
        "name": "Impact Bond Name - (Value)",
        "sector": "Purpose and classifications - Policy sector - (Value)",
        "stage": "Stage of Development - (Value)",
        "signed": "Dates - Date outcomes contract signed - (Value)",
        "all_signed": "Dates - Date contracts between all parties signed - (Value)",
        "service_start": "Dates - Start date" + SERVICE,
        "service_end": "Dates - Actual end date" + SERVICE,
        "service_end_planned": "Dates - Anticipated end date" + SERVICE,
        "months": "Dates - Actual duration" + SERVICE,
        "months_planned": "Dates - Anticipated duration" + SERVICE,
        "completed": "Dates - Actual completion date - (Value)",
        "completion_planned": "Dates - Anticipated completion date - (Value)",
        "investment": INVESTED + "Amount - Exact - (Value)",
        "investment_min": INVESTED + "Amount - Min - (Value)",
        "investment_max": INVESTED + "Amount - Max - (Value)",
        "investment_currency": INVESTED + "Currency - (Value)",
        "investment_usd": INVESTED + "Amount USD - Exact - (Value)",
        "max_outcome_payment": PAYABLE + "Amount - (Value)",
        "max_outcome_currency": PAYABLE + "Currency - (Value)",
        "paid": PAID + "Amount - (Value)",
        "paid_currency": PAID + "Currency - (Value)",
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
    METRICS: {
        "id": "Project ID",
        "metric": "Id",
        "definition": "Outcome Definition - (Value)",
        "target_users": "Targeted number of service users Or beneficiaries (total) - (Value)",
    },
    PRICES: {
        "id": "Project ID",
        "metric": "Outcome Metric Id - (Value)",
        "currency": "Currency - (Value)",
        "price": "Price Per Unit - Amount - (Value)",
        "most": "Maximum Price if all targets achieved - Amount - (Value)",
    },
    RESULTS: {
        "id": "Project ID",
        "metric": "Outcome Metric Id - (Value)",
        "level": "Result type - (Value)",
        "start": "Period - Start - (Value)",
        "end": "Period - End - (Value)",
        "achieved": "Outcomes achieved - (Value)",
        "engaged": "Number engaged In impact bond - (Value)",
        "positive": "Number with Positive social outcomes - (Value)",
    },
}
"""The publisher's columns that are read, by file, under our names."""
EXTRACTED = (PROJECTS, PLACES, PAYMENTS)
"""The files that the book's own extract is made from; the others say in words what is paid for."""
MARKS = {"covid"}  # only whether these notes name COVID is taken: their text is the publisher's own
NEEDED = {PROJECTS: ("id",), PLACES: ("id",), PAYMENTS: ("id", "kind", "currency", "amount")}
NEEDED |= {METRICS: ("id", "metric"), PRICES: ("id", "metric", "currency", "price"), RESULTS: ("id", "metric")}
CALLED = {"id": "project id", "kind": "type", "currency": "currency", "amount": "amount"}
CALLED |= {"metric": "metric id", "price": "price"}
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
"""Codes that pass for a country (ISO 3166 alpha-2) and for a currency (ISO 4217)."""
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


def as_is(cell: str) -> tuple[str, str]:
    """Any text."""
    return cell, ""


def month(date: str, default: str) -> str:
    """A date as YYYY-MM; `default` is the month of a date that is only a year."""
    return date[:7] if len(date) > 4 else f"{date}-{default}" if date else ""


def _id(cell: str) -> tuple[str, str]:
    return (cell, "") if re.fullmatch(r"INDIGO-POJ-[0-9]+", cell) else ("", "not a project id")


def amount_of(cell: str) -> tuple[float | None, str]:
    """A plain number of at least 0."""
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", cell) or math.isinf(float(cell)):
        return None, "not a plain number"
    return (None, "below zero") if cell.startswith("-") else (float(cell), "")


def _people(cell: str) -> tuple[int | None, str]:
    value, reason = amount_of(cell)
    if value is None or (value.is_integer() and value < 2**53):
        return (None, reason) if value is None else (int(value), "")
    return None, "not a whole number"


def _date(cell: str) -> tuple[str, str]:
    parts = re.fullmatch(r"(20[0-9]{2})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", cell)
    try:
        known = parts and datetime.date(*(int(part or 1) for part in parts.groups()))
    except ValueError:
        known = None
    return (cell, "") if known else ("", "not a date since 2000 as YYYY, YYYY-MM or YYYY-MM-DD")


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


PARSERS: dict[str, Callable[[str], tuple[Any, str]]] = {
    **dict.fromkeys((*DATES, *ENDS, "start", "end"), _date),
    **dict.fromkeys((*AMOUNTS, "investment_usd", "amount", "price", "most"), amount_of),
    **dict.fromkeys(("months", "months_planned", "achieved"), amount_of),
    **dict.fromkeys(("target_users", "actual_users", "engaged", "positive"), _people),
    **dict.fromkeys((*AMOUNTS.values(), "currency"), _currency),
    "id": _id,
    "country": _country,
    "kind": _kind,
    "plan": _plan,
    "covid": _covid,
}
