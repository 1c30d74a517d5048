"""Every link of the built site to another host, asked once: `make links`.

Gone is what answers 404 or 410, or whose host is not there. A host that turns programs away (401, 403, 429 and the
like) or stumbles (5xx, no answer in time) is listed and fails nothing: only a person can tell.
"""

import socket
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urldefrag, urlsplit

from bs4 import BeautifulSoup, SoupStrainer

SITE = Path(__file__).parents[1] / "_build/html"
ASKED_AS = {"User-Agent": "Mozilla/5.0 (compatible; casebook link check)", "Accept": "*/*"}


def outward(site: Path) -> dict[str, str]:
    """Each address of another host, with the first page that links to it."""
    found = {}
    for page in sorted(site.rglob("*.html")):
        for link in BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser", parse_only=SoupStrainer("a")):
            if link.get("href", "").startswith(("http://", "https://")):
                found.setdefault(urldefrag(link["href"]).url, page.relative_to(site).as_posix())
    return found


def answer(url: str, seconds: float = 20) -> str:
    """Nothing if the page is there; "gone: why", or "unsure: why"."""
    request = urllib.request.Request(quote(url, safe=":/?#[]@!$&'()*+,;=%~"), headers=ASKED_AS)
    try:
        with urllib.request.urlopen(request, timeout=seconds):
            return ""
    except urllib.error.HTTPError as error:
        return f"{'gone' if error.code in (404, 410) else 'unsure'}: {error.code} {error.reason}"
    except urllib.error.URLError as error:
        missing = isinstance(error.reason, socket.gaierror)
        return f"{'gone: no such host' if missing else f'unsure: {error.reason}'}"
    except (OSError, HTTPException, ValueError) as error:  # too slow; no HTTP; sent on to what is no address
        return f"unsure: {error}"


def answers(urls: Iterable[str]) -> dict[str, str]:
    """Hosts beside each other, the links of one host one after another."""
    hosts = defaultdict(list)
    for url in urls:
        hosts[urlsplit(url).netloc].append(url)
    with ThreadPoolExecutor(16) as pool:
        said = pool.map(lambda group: [(url, answer(url)) for url in group], hosts.values())
    return {url: text for group in said for url, text in group}


def main() -> int:
    pages = outward(SITE)
    said = {url: text for url, text in answers(pages).items() if text}
    if pages and len(said) == len(pages) and set(said.values()) == {"gone: no such host"}:
        print("no host was found at all: this needs a network")
        return 2
    for url, text in sorted(said.items(), key=lambda row: row[1]):
        print(f"{text}  {url}  (first on {pages[url]})")
    gone = sum(text.startswith("gone") for text in said.values())
    print(f"{len(pages)} links to other hosts: {gone} gone, {len(said) - gone} unsure")
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
