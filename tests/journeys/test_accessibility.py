"""axe finds nothing on any page, light and dark; and no page asks for more than its own host."""

import re

import pytest

PAGES = {
    "moderator": [
        "/",
        "/c/demo/review",
        "/c/demo/review/recent",
        "/c/demo/products",
        "/c/demo/products?view=table&state=open",
        "/c/demo/groups",
        "/c/demo/products/1",
        "/c/demo/suspects",
        "/c/demo/team",
        "/c/demo/team/gold",
        "/c/demo/adjudication",
        "/c/demo/guidance",
        "/c/demo/guidance/1",
        "/c/demo/dashboard",
        "/account/keys",
    ],
    "admin": [
        "/c/demo/team",
        "/c/demo/retraining",
        "/c/demo/acceptance",
        "/c/demo/settings",
        "/c/demo/guidance/1/edit",
        "/c/demo/export",
        "/c/demo/dashboard",
        "/admin/import",
        "/admin/accounts",
        "/admin/accounts/1/password",
        "/account/password",
    ],
}


@pytest.mark.parametrize(
    ("scheme", "width", "language"),
    [
        ("light", 1280, "en"),
        ("dark", 1280, "en"),
        ("light", 375, "en"),
        ("dark", 375, "en"),
        ("dark", 1280, "fr"),
        ("light", 375, "fr"),
    ],
)
def test_axe_finds_nothing(page, sign_in_as, violations, scheme, width, language):
    page.set_viewport_size({"width": width, "height": 720})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/login")
    found = {"/login": violations(page)}

    for role, addresses in PAGES.items():
        sign_in_as(page, role)
        if language == "fr":
            page.goto("/")
            page.get_by_role("button", name="Français").click()
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            assert page.locator("html").get_attribute("lang") == language
            found[f"{role} {address}"] = violations(page)
            assert is_as_wide_as_the_window(page), f"{address} scrolls sideways at {width} px"
        page.context.clear_cookies()

    assert {address: lines for address, lines in found.items() if lines} == {}


def test_what_axe_finds_is_told_with_its_place(page, violations):
    page.goto("/login")
    page.locator("h1").evaluate("it => { it.innerHTML = '<img src=\"/static/a.png\">'; }")

    assert 'image-alt: <img src="/static/a.png">' in violations(page)


def is_as_wide_as_the_window(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")


def test_the_content_policy_allows_nothing_unsafe(page, sign_in_as):
    sign_in_as(page, "moderator")

    policy = page.goto("/c/demo/review").headers["content-security-policy"]

    assert "unsafe" not in policy
    assert re.search(r"script-src 'self'(;|$)", policy)


def test_the_first_visit_of_the_desk_moves_at_most_150_kb_beside_images(page, sign_in_as):
    sign_in_as(page, "moderator")
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: moved(answer)}))
    session = page.context.new_cdp_session(page)
    session.send("Network.clearBrowserCache")

    page.goto("/c/demo/review", wait_until="networkidle")

    beside = {url: size for url, size in sizes.items() if "/images/" not in url}
    assert any(url.endswith("/review") for url in beside)
    assert sum(beside.values()) <= 150_000, beside


def moved(answer) -> int:
    sizes = answer.request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
