"""An admin uploads a file and looks at the preview; good rows go in, the bad one is named."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

ROWS = """sku;title;about;shelf
a-1;Brass lamp;A lamp of brass.;Home > Light
a-2;Oak shelf;A shelf of oak.;Home > Furniture
a-1;Brass lamp again;The same id twice.;Home > Light
"""


@pytest.mark.worker
def test_a_file_is_previewed_imported_and_its_bad_row_named(
    page, server, sign_in_as, violations, tmp_path: Path
):
    file = tmp_path / "lamps.csv"
    file.write_text(ROWS)
    sign_in_as(page, "admin")
    page.goto("/admin/import")
    page.locator("#file").set_input_files(file)
    page.locator("#catalogue").fill("Lamps")
    page.locator("main form button").first.click()

    expect(page.get_by_text("Brass lamp", exact=True).first).to_be_visible()
    found = {"preview": violations(page)}
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=60_000)
    found["report"] = violations(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    problems = download.value.path().read_text("utf-8-sig")
    assert found == {"preview": [], "report": []}
    assert "4," in problems.splitlines()[1]
    assert "a-1" in problems
    names = server.query(
        "SELECT p.name FROM product p JOIN catalogue c ON c.id = p.catalogue_id"
        " WHERE c.slug = 'lamps' ORDER BY p.external_id"
    )
    assert [row[0] for row in names] == ["Brass lamp", "Oak shelf"]
