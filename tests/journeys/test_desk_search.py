"""Finding one of 5,000 categories while typing: what is found, and in what time."""

import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from tests.journeys.desk import SHOWN, open_desk, press, untick_look_alikes, wait_until_sent
from tests.journeys.server import Site
from webapp.domain.catalogue_settings import read_settings
from webapp.storage import catalogues, categories
from webapp.storage.database import Database

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).resolve().parents[2] / "static" / "categories.js"
SHOPS = ("Home", "Garden", "Office", "Outdoor", "Kids", "Studio", "Travel", "Pets", "Hobby", "Café")
KINDS = ("Mugs", "Lamps", "Chairs", "Curtains", "Bags", "Knives", "Clocks", "Rugs", "Trays", "Pens")
LOOKS = (
    "Steel",
    "Wooden",
    "Cotton",
    "Leather",
    "Glass",
    "Folding",
    "Large",
    "Small",
    "Blue",
    "Round",
)
PATHS = [
    (shop, f"{shop} {kind}", f"{look} {kind} {n}")
    for shop in SHOPS
    for kind in KINDS
    for look in LOOKS
    for n in range(1, 6)
]
WITHIN_MS = 30


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    """An empty page with the script of the search, and no server behind it."""
    context = browser.new_context()
    page = context.new_page()
    page.evaluate(SCRIPT.read_text())
    yield page
    context.close()


@pytest.fixture
def find(blank):
    """Return a function that searches paths in the browser, and gives paths and marked parts."""

    def search(paths: list[str], typed: str, recent: tuple[int, ...] = ()) -> list[list[str]]:
        found = blank.evaluate(
            "([rows, typed, recent]) => { const { prepare, search } = window.Shelfwise.categories;"
            " return search(prepare(rows), typed, recent); }",
            [list(enumerate(paths)), typed, list(recent)],
        )
        return [
            [each["path"], *(each["path"][start:end] for start, end in each["marks"])]
            for each in found
        ]

    return search


TREE = [
    "Home > Kitchen > Mugs",
    "Home > Kitchen",
    "Home > Garden",
    "Kids > Mug rugs",
    "Café > Crème",
]


@pytest.mark.parametrize(
    ("typed", "first", "marked"),
    [
        ("mug", "Kids > Mug rugs", ["Mug"]),  # a whole word before the beginning of one
        ("home mug", "Home > Kitchen > Mugs", ["Home", "Mug"]),  # any level, any place
        ("mug home", "Home > Kitchen > Mugs", ["Home", "Mug"]),
        ("KITCHEN", "Home > Kitchen", ["Kitchen"]),  # the end of a path before its inside
        ("itche", "Home > Kitchen", ["itche"]),
        ("kichen", "Home > Kitchen", ["Kitchen"]),  # a letter is missing
        ("kitcchen", "Home > Kitchen", ["Kitchen"]),  # one too many
        ("kitxhen", "Home > Kitchen", ["Kitchen"]),  # a wrong one
        ("ktichen", "Home > Kitchen", ["Kitchen"]),  # two changed places
        ("creme", "Café > Crème", ["Crème"]),  # without accents
        ("hkmg", "Home > Kitchen > Mugs", ["H", "K", "M", "g"]),  # an abbreviation
    ],
)
def test_the_best_match_comes_first_with_its_letters_marked(find, typed, first, marked):
    assert find(TREE, typed)[0] == [first, *marked]


def test_what_matches_nothing_finds_nothing(find):
    assert find(TREE, "zebra") == []


def test_short_words_are_taken_as_they_are(find):
    assert find(TREE, "muk") == []


def test_an_empty_box_lists_what_was_used_last_first(find):
    assert [path for path, *_ in find(TREE, "", recent=(3, 2))][:3] == [TREE[3], TREE[2], TREE[0]]


def test_among_equals_the_one_used_last_comes_first(find):
    assert find(["A > Mugs", "B > Mugs"], "mugs", recent=(1,))[0][0] == "B > Mugs"


def test_each_key_finds_among_5000_paths_in_time(blank):
    paths = [" > ".join(names) for names in PATHS]
    assert len(paths) == 5000

    took = blank.evaluate(
        """(rows) => {
            const { prepare, search } = window.Shelfwise.categories;
            const tree = prepare(rows);
            const took = [];
            for (const typed of ["wooden chairs garden 3", "stell mugs", "kdlmp", "curtians"]) {
                for (let n = 1; n <= typed.length; n += 1) {
                    const from = performance.now();
                    search(tree, typed.slice(0, n));
                    took.push(performance.now() - from);
                }
            }
            return took;
        }""",
        list(enumerate(paths)),
    )

    figures = f"median {statistics.median(took):.1f} ms, longest {max(took):.1f} ms"
    sys.stdout.write(f"\n{len(took)} keys in 5,000 paths: {figures}\n")
    assert statistics.median(took) <= WITHIN_MS, figures


@pytest.fixture
def grown(server: Site) -> Site:
    """The demo catalogue, whose tree has 5,000 more categories at the level of decisions."""
    database = Database(f"sqlite:///{server.home / 'shelfwise.db'}")
    with database.begin() as session:
        demo = catalogues.get(session, slug="demo")
        categories.add_missing(session, catalogue_id=demo.id, paths=PATHS)
        settings = read_settings(demo.settings.as_dict() | {"are_inner_categories_allowed": True})
        catalogues.write_settings(session, catalogue_id=demo.id, settings=settings)
        session.execute(text("UPDATE catalogue SET decision_level = 3"))
    database.dispose()
    return server


def correct(page: Page, typed: str) -> float:
    """File the product in sight by typing; return the slowest key's milliseconds to its list."""
    untick_look_alikes(page)
    page.evaluate("performance.clearMeasures('search')")
    page.keyboard.press("/")
    expect(page.locator("#search-found li").first).to_be_visible()
    page.keyboard.type(typed)
    press(page, "Enter")
    return max(page.evaluate("performance.getEntriesByName('search').map((e) => e.duration)"))


def test_five_corrections_by_typing_in_a_tree_of_5000(page, grown, sign_in_as):
    sign_in_as(page, "moderator")
    open_desk(page)
    wanted = {
        "Home > Home Mugs > Steel Mugs 2": "home steel mugs 2",
        "Office > Office Clocks > Round Clocks 4": "ofice round clock 4",
        "Café > Café Trays > Glass Trays 1": "cafe glass tray 1",
        "Pets > Pets Rugs": "pets rugs",  # an inner node
        "Travel > Travel Bags > Leather Bags 5": "travl leather bags 5",
    }

    slowest = [correct(page, typed) for typed in wanted.values()]
    wait_until_sent(page)

    sys.stdout.write(f"\nslowest key of each correction: {[round(each) for each in slowest]} ms\n")
    chosen = grown.query(
        "SELECT c.path FROM annotation a JOIN category c ON c.id = a.category_id ORDER BY a.id"
    )
    assert [row[0] for row in chosen] == list(wanted)
    assert statistics.median(slowest) <= 250, slowest  # a busy machine is no failure

    page.keyboard.press("/")
    expect(page.locator("#search-found li").first).to_have_text(list(wanted)[-1])


def test_the_first_visit_with_5000_categories_moves_at_most_150_kb_beside_images(
    page, grown, sign_in_as
):
    sign_in_as(page, "moderator")
    page.goto("/account/keys")
    sizes: dict[str, int] = {}
    page.on("requestfinished", lambda request: sizes.update({request.url: moved(request)}))
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")

    page.goto("/c/demo/review", wait_until="networkidle")

    beside = {url: size for url, size in sizes.items() if "/images/" not in url}
    sys.stdout.write(f"\nmoved at the first visit: {sum(beside.values())} bytes\n")
    assert any("/categories/" in url for url in beside)
    assert sum(beside.values()) <= 150_000, beside
    sizes.clear()
    page.reload(wait_until="networkidle")
    assert not any("/categories/" in url and size > 0 for url, size in sizes.items())


def moved(request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def test_the_search_says_that_nothing_matches(page, server, sign_in_as):
    sign_in_as(page, "moderator")
    open_desk(page)
    page.keyboard.press("/")

    page.keyboard.type("qqqqq")

    expect(page.locator("#search-found")).to_have_text("No category matches.")
    page.keyboard.press("Escape")
    expect(page.locator(SHOWN)).to_have_count(1)


@pytest.mark.parametrize(("key", "box"), [("/", "#search-words"), ("f", "#flag-note")])
def test_enter_in_a_dialog_decides_one_product_and_leaves_the_next_alone(
    page, server, sign_in_as, key, box
):
    sign_in_as(page, "moderator")
    open_desk(page)
    can_confirm = page.locator("#cards .card:has([data-act=confirm])")
    assert can_confirm.count() >= 2, "the next card has to offer what Enter would confirm"
    untick_look_alikes(page)
    page.keyboard.press(key)
    page.locator(box).fill("o")
    if key == "/":
        expect(page.locator("#search-found li").first).to_be_visible()

    press(page, "Enter")
    page.wait_for_timeout(200)
    wait_until_sent(page)

    assert server.query("SELECT count(*) FROM annotation") == [(1,)]
