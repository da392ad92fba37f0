"""Addresses of pages, as a key may leave them behind."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import Request

_SIGNING = ("/sign-in", "/sign-out")
_REFUSED = "refused"
_FOLDERS = frozenset({".", ".."})


def account_address(account_id: str, **query: str) -> str:
    """Return where an account's page is.

    Browsers take dots for a folder, however they are coded: such an id stands in the query.
    """
    if account_id in _FOLDERS:
        path, query = "/accounts", {"account_id": account_id, **query}
    else:
        path = f"/accounts/{quote(account_id, safe='')}"
    return path + ("?" + urlencode(query) if query else "")


def next_of(request: Request) -> str:
    """Return the page that is wanted once somebody has signed in."""
    if request.url.path in _SIGNING:
        return _local(request.query_params.get("next", ""))
    return without_token(request) if request.method == "GET" else "/"


def without_token(request: Request) -> str:
    """Return the address that was asked for, without the key in it."""
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "token"]
    # One leading slash: `//host` would lead to another site.
    asked: bytes = request.scope["raw_path"]
    path = "/" + asked.decode("ascii", "replace").lstrip("/")
    return path + ("?" + urlencode(query) if query else "")


def sign_in_again(request: Request) -> str:
    """Return where to ask for a key, since the one of the address that was asked for is refused."""
    return "/sign-in?" + urlencode({_REFUSED: "key", "next": without_token(request)})


def is_refused(request: Request) -> bool:
    """Return whether a key is asked for since the one that was given does not hold."""
    return _REFUSED in request.query_params


def _local(address: str) -> str:
    """Return an address of this site; browsers drop control characters, and turn backslashes."""
    leads_away = not address.startswith("/") or address.startswith("//")
    odd = any(char <= " " or char == "\\" for char in address)
    return "/" if leads_away or odd else address
