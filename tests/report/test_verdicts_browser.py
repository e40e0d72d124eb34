"""The pages of verifiers in a browser: they open at once, they can be searched, and nothing they show can act."""

import pytest

from rlvr.report.verdicts import write_bench, write_check, write_diff
from tests.report.conftest import HOSTILE
from tests.report.results import bench_result, check_result, diff_result, hostile_result
from tests.report.test_browser import LIMIT_MS, SCHEMES, violations

PHONE = 360


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """A page of each kind, by name."""
    folder = tmp_path_factory.mktemp("verdicts")
    single = bench_result(gallery=3)
    single["verifiers"] = {"math": single["verifiers"]["math"]}
    results = {
        "bench": (write_bench, bench_result(gallery=30)),
        "small": (write_bench, bench_result(gallery=1)),
        "full": (write_bench, bench_result(gallery=630)),
        "hostile": (write_bench, hostile_result()),
        "check": (write_check, check_result()),
        "diff": (write_diff, diff_result()),
        "short": (write_diff, diff_result(flips=4)),
        "single": (write_bench, {**single, "agreement": None, "differences": []}),
        "empty": (
            write_bench,
            {"verifiers": {"one": {"n": 0, "by_kind": {"k": {"n": 0}}, "accuracy": None}}},
        ),
    }
    for name, (write, result) in results.items():
        write(result, folder / f"{name}.html")
    return {name: folder / f"{name}.html" for name in results}


def count_of(page, selector, n):
    """Wait until there are so many elements."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_count(n)


def test_it_opens_within_two_seconds_with_five_thousand_rows(pages, visit):
    ready = "performance.getEntriesByName('rlvr-ready')[0].startTime"

    opened = [visit(pages["full"]) for _ in range(2)]

    assert "5,052 of 5,052 rows" in opened[0].locator("#cases").get_by_role("status").inner_text()
    assert opened[0].locator("#cases .case").count() == 20
    assert min(page.evaluate(ready) for page in opened) < LIMIT_MS


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["small", "check", "short"])
def test_axe_finds_nothing(pages, visit, name, scheme):
    assert violations(visit(pages[name], scheme=scheme)) == []


@pytest.mark.parametrize("name", ["bench", "hostile", "check", "diff", "single", "empty"])
def test_nothing_is_wider_than_a_phone(pages, visit, name):
    page = visit(pages[name], width=PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_axe_finds_nothing_on_a_phone(pages, visit):
    assert violations(visit(pages["small"], width=PHONE)) == []


def test_a_hostile_result_stays_text(pages, visit):
    page = visit(pages["hostile"])

    said = page.locator("#cases .said").first.inner_text()

    assert said.startswith("</script><script>document.title='owned'</script><img src=x onerror=")
    assert [code in said for code in ("U+2028", "U+0000", "U+202E", "U+200B", "U+D800")] == [True] * 5
    assert "U+202E" in page.locator(".legend").inner_text()
    assert page.title().startswith("x</script><script>")
    assert page.locator("img, iframe, object, embed").count() == 0
    assert page.locator("script").count() == 3


def test_a_long_completion_is_cut_and_says_so(pages, visit):
    page = visit(pages["hostile"])

    page.get_by_label("Text").first.fill("aaaaaaaa")
    page.get_by_text("2 of 8 rows").wait_for()

    said = page.locator("#cases .said").first
    assert said.locator(".gap").count() == 2
    assert "characters left out of this page" in said.inner_text()
    assert said.locator(".was-read").inner_text() == "4"


def test_filters_and_search_join(pages, visit):
    page = visit(pages["bench"])
    cases = page.locator("#cases")

    cases.get_by_label("Verifier").select_option("math-verify")
    cases.get_by_label("Error").select_option("unscored")
    cases.get_by_text("31 of 252 rows").wait_for()
    cases.get_by_label("Text").fill("math-00007")
    cases.get_by_text("1 of 252 rows", exact=True).wait_for()

    card = cases.locator(".case")
    assert card.locator(".top").inner_text().split("\n")[:1] == ["Unscored"]
    assert card.locator("mark:not(.was-read)").count() == 0  # the id is a link, and no text of the card
    cases.get_by_role("button", name="Clear").click()
    cases.get_by_text("252 of 252 rows").wait_for()
    cases.get_by_label("Text").fill("no such row")
    cases.get_by_text("None fits.").wait_for()


def test_a_table_sorts_by_the_column_that_is_picked(pages, visit):
    page = visit(pages["bench"])
    table = page.locator("#verdicts table")
    names = table.locator("tbody th")
    by_accuracy = names.all_inner_texts()

    table.get_by_role("button", name="false positives", exact=True).click()
    fewest = names.all_inner_texts()
    table.get_by_role("button", name="false positives", exact=True).click()

    assert by_accuracy[0] == fewest[0] == "math"
    assert names.all_inner_texts() == fewest[::-1]
    assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"


def test_kinds_come_worst_first_and_lead_to_their_rows(pages, visit):
    page = visit(pages["bench"])
    worst = page.locator("#kinds tbody td:nth-child(3)").all_inner_texts()
    shares = [float(share.rstrip("%")) for share in worst]

    page.locator("#kinds tbody tr", has_text="units").locator("td button").nth(1).click()

    assert shares == sorted(shares, reverse=True)
    assert page.locator("#cases").get_by_label("Kind").input_value() == "units"
    assert page.locator("#cases").get_by_label("Verifier").input_value() == "math-verify"
    assert set(page.locator("#cases .tag").all_inner_texts()) == {"units"}


def test_an_address_leads_to_what_was_looked_for(pages, visit):
    page = visit(pages["bench"])
    page.locator("#cases").get_by_label("Error").select_option("false_negatives")
    page.get_by_text("84 of 252 rows").wait_for()
    page.locator("#cases").get_by_role("button", name="Later").first.click()
    link = page.locator("#cases .here").nth(2)
    name, address = link.inner_text(), link.evaluate("one => one.href")

    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".case.meant")

    assert page.locator(".case.meant .here").inner_text() == name
    assert page.locator("#cases").get_by_label("Error").input_value() == "false_negatives"
    assert page.evaluate("document.activeElement.className") == "case fn meant"


def test_an_address_of_a_row_that_is_not_there_is_said(pages, visit):
    page = visit(pages["bench"])

    page.evaluate("location.hash = '#cases?case=gone'")

    page.get_by_text("The row of this address is not on this page.").wait_for()


def test_everything_can_be_reached_by_keyboard(pages, visit):
    page = visit(pages["bench"])
    chart = page.get_by_role("slider", name="Share of verifications done within a time, by time")

    chart.focus()
    page.keyboard.press("End")
    at_the_end = chart.get_attribute("aria-valuetext")
    page.keyboard.press("Home")
    at_the_start = chart.get_attribute("aria-valuetext")
    page.locator("#kinds").get_by_role("button", name="rows", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator("#cases").get_by_role("button", name="Later").first.focus()
    page.keyboard.press("Enter")

    assert at_the_end.startswith("10 s: math 100%, math-verify 100%")
    assert "math-verify 0%" in at_the_start
    assert page.locator("#kinds th[aria-sort]").inner_text() == "rows"
    assert page.locator("#cases .pages span").first.inner_text() == "page 2 of 13"
    assert page.evaluate("document.activeElement.className") == "cases"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "here"


def test_what_is_printed_is_the_first_rows_and_says_so(pages, visit):
    page = visit(pages["bench"])

    page.emulate_media(media="print")
    count_of(page, "#cases .case", 200)

    assert page.get_by_text("Printed here: the first 200 of 252 rows.").is_visible()
    assert not page.locator("#cases form").is_visible()
    page.emulate_media(media="screen")
    count_of(page, "#cases .case", 20)


def test_a_check_opens_its_examples_for_print_and_closes_them_again(pages, visit):
    page = visit(pages["check"])
    many = page.locator("details", has_text="7 examples")
    before = many.get_attribute("open")

    page.emulate_media(media="print")
    count_of(page, "details:not([open])", 0)
    page.emulate_media(media="screen")

    count_of(page, "details:not([open])", 1)
    assert before is None
    assert page.locator(".grade").inner_text().split() == ["Grade", "C"]


def test_a_check_shows_what_failed_first(pages, visit):
    page = visit(pages["check"])
    statuses = page.locator(".check .status").all_inner_texts()

    page.get_by_label("Shown").select_option("fail")

    assert statuses == ["failed"] * 2 + ["failed warning", "skipped"] + ["passed"] * 7
    assert page.locator(".check").count() == 3
    assert HOSTILE[:40] in page.locator(".check").first.inner_text()


def test_a_diff_shows_both_sides_and_filters_by_change(pages, visit):
    page = visit(pages["diff"])
    regressed = page.locator(".tile.regressed b").inner_text()

    page.locator(".tile.regressed button").click()

    assert page.get_by_role("status").inner_text() == f"{regressed} of 80 flips"
    assert set(page.locator(".case .badge").all_inner_texts()) == {"Regressed"}
    assert page.locator(".case").first.locator(".half").count() == 2
    apart = page.locator(".case", has_text="the last number").first
    assert len(apart.locator(".half .was-read").first.inner_text()) == 8
    assert apart.locator(".half .said").count() == 2


def test_without_labels_or_rivals_what_is_not_known_is_left_out(pages, visit):
    single, empty = visit(pages["single"]), visit(pages["empty"])

    assert single.locator("#agreement, #differences").count() == 0
    assert single.locator(".lead").inner_text().startswith("math is right on 98")
    assert empty.locator("#confusion, #noise, #findings").count() == 0
    assert empty.get_by_text("Times have not been measured.").is_visible()
    assert violations(empty) == []
