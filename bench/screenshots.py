"""Pictures of every page, of a copy of an installation: what ``docs/screenshots`` shows.

    python -m bench.screenshots --home DIR --out docs/screenshots

DIR is the home of a stopped installation with a live round; it is copied, so nothing in it changes.
``--only review,products`` takes some of them, ``--catalogue`` another than the first.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.journeys.server import Server, copy_home, running, shelfwise

LAPTOP = {"width": 1280, "height": 720}
PHONE = {"width": 375, "height": 812}
PEOPLE = {"moderator": ("alice@example.com", "Alice"), "admin": ("carol@example.com", "Carol")}


def as_it_is(_page: Page) -> None:
    """Take the page as it comes."""


def press(key: str, until: str) -> Callable[[Page], None]:
    """Press a key and wait until something is there."""

    def steps(page: Page) -> None:
        page.keyboard.press(key)
        page.locator(until).first.wait_for()
        page.wait_for_load_state("networkidle")

    return steps


def scroll_to(place: str) -> Callable[[Page], None]:
    """Scroll until something is at the top."""

    def steps(page: Page) -> None:
        page.locator(place).first.evaluate("it => it.scrollIntoView()")

    return steps


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it; ``{c}`` is the catalogue, ``{product}`` a decided product."""

    name: str
    address: str
    role: str = "admin"
    steps: Callable[[Page], None] = as_it_is
    is_dark: bool = False
    is_phone: bool = False


PICTURES = (
    Picture("login", "/login", role=""),
    Picture("catalogues", "/"),
    Picture("review", "/c/{c}/review", "moderator"),
    Picture("review-dark", "/c/{c}/review", "moderator", is_dark=True),
    Picture("review-phone", "/c/{c}/review", "moderator", is_phone=True),
    Picture(
        "review-search", "/c/{c}/review", "moderator", press("/", "#search-found [role=option]")
    ),
    Picture("review-guidance", "/c/{c}/review", "moderator", press("g", "#guidance .text a")),
    Picture("keys", "/account/keys", "moderator"),
    Picture("products", "/c/{c}/products", "moderator"),
    Picture("products-phone", "/c/{c}/products", "moderator", is_phone=True),
    Picture("product", "/c/{c}/products/{product}", "moderator"),
    Picture("product-history", "/c/{c}/products/{product}", "moderator", scroll_to(".history")),
    Picture("look-alikes", "/c/{c}/groups", "moderator"),
    Picture("suspects", "/c/{c}/suspects", "moderator"),
    Picture("disputes", "/c/{c}/adjudication"),
    Picture("team", "/c/{c}/team"),
    Picture("team-own", "/c/{c}/team", "moderator"),
    Picture("gold", "/c/{c}/team/gold", "moderator"),
    Picture("guidance", "/c/{c}/guidance", "moderator"),
    Picture("guidance-category", "/c/{c}/guidance/{category}", "moderator"),
    Picture("guidance-edit", "/c/{c}/guidance/{category}/edit"),
    Picture("dashboard", "/c/{c}/dashboard"),
    Picture("export", "/c/{c}/export"),
    Picture("retraining", "/c/{c}/retraining"),
    Picture("acceptance", "/c/{c}/acceptance"),
    Picture("settings", "/c/{c}/settings"),
    Picture("import", "/admin/import"),
    Picture("accounts", "/admin/accounts"),
    Picture("password", "/account/password"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Pictures of every page of an installation.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--catalogue", help="its address; by default the first one")
    parser.add_argument("--only", help="names of pictures, separated by commas")
    chosen = parser.parse_args()
    names = chosen.only.split(",") if chosen.only else [picture.name for picture in PICTURES]
    pictures = [picture for picture in PICTURES if picture.name in names]
    if missing := set(names) - {picture.name for picture in pictures}:
        parser.error(f"no picture is called {', '.join(sorted(missing))}")
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        home = copy_home(chosen.home, Path(scratch) / "home")
        passwords = {role: give_password(home, role) for role in PEOPLE}
        with running(home) as server, sync_playwright() as playwright:
            slug = chosen.catalogue or server.query("SELECT slug FROM catalogue ORDER BY id")[0][0]
            words = {"c": slug, **examples(server, slug)}
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
            )
            signed_in = {
                role: sign_in(browser, server.address, *passwords[role]) for role in PEOPLE
            }
            for picture in pictures:
                take(browser, server.address, picture, words, signed_in, chosen.out)


def examples(server: Server, slug: str) -> dict[str, str]:
    """Return a decided product, one with most acts on it, and the category best described."""
    product_id, category_id = server.query(
        "SELECT l.product_id, l.category_id FROM label l JOIN catalogue c ON c.id = l.catalogue_id"
        " JOIN annotation a ON a.product_id = l.product_id WHERE c.slug = :slug"
        " GROUP BY 1, 2 ORDER BY count(*) DESC, 1 LIMIT 1",
        slug=slug,
    )[0]
    described = server.query(
        "SELECT g.category_id FROM guidance g JOIN category k ON k.id = g.category_id"
        " JOIN catalogue c ON c.id = k.catalogue_id WHERE c.slug = :slug"
        " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1",
        slug=slug,
    )
    category_id = described[0][0] if described else category_id
    return {"product": str(product_id), "category": str(category_id)}


def give_password(home: Path, role: str) -> tuple[str, str]:
    """Return address and password of somebody with that role; she is added where there is none."""
    password = secrets.token_urlsafe(12)
    people = json.loads(shelfwise(home, "user", "list", "--json"))
    known = [person["email"] for person in people if person["role"] == role and person["is_active"]]
    email, name = PEOPLE[role]
    if known:
        email = known[0]
        shelfwise(home, "user", "password", email, "--password", password)
    else:
        options = ("--role", role, "--name", name, "--password", password)
        shelfwise(home, "user", "add", email, *options)
    return email, password


def sign_in(browser: Browser, address: str, email: str, password: str) -> StorageState:
    """Return the cookies of somebody who is signed in: once for all her pictures."""
    context = browser.new_context(base_url=address, locale="en-GB")
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    state = context.storage_state()
    context.close()
    return state


def take(
    browser: Browser,
    address: str,
    picture: Picture,
    words: dict[str, str],
    signed_in: dict[str, StorageState],
    out: Path,
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport=PHONE if picture.is_phone else LAPTOP,
        color_scheme="dark" if picture.is_dark else "light",
        reduced_motion="reduce",
        locale="en-GB",
        storage_state=signed_in.get(picture.role),
    )
    page = context.new_page()
    answer = page.goto(picture.address.format(**words), wait_until="networkidle")
    picture.steps(page)
    page.screenshot(path=out / f"{picture.name}.png")
    print(f"{picture.name}.png: {answer.status if answer else '-'} {page.url}")
    context.close()


if __name__ == "__main__":
    main()
