"""Pictures behind 0 5."""

from tests.branch.pages.conftest import LogIn


def test_each_picture_has_its_figures_at_the_points_and_its_report_one_key_away(log_in: LogIn) -> None:
    clara = log_in("clara")
    assert 'href="/pictures" data-key="5"' in clara.get("/more").text
    page = clara.get("/pictures").text
    assert page.count('<svg class="chart"') == 4
    assert "style=" not in page
    for shown in ("Portfolio", "in arrears", "Collected and due", "Cash in all drawers", "thousand KES"):
        assert shown in page, shown
    for report in ("ageing", "portfolio-at-risk", "demand-against-collection", "cash-book"):
        assert f'href="/reports/{report}"' in page, report
        assert clara.get(f"/reports/{report}").status_code == 200
