"""What pictures say of a listing: against the seller, for him, and as guidance for an authorised user."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from gimonitor.model.finding import Clearing, Origin, Screening, Stage
from gimonitor.model.listing import Listing
from gimonitor.screening.added import Added, with_added
from gimonitor.workflow.picturefindings import IN_ORDER
from gimonitor.workflow.pictures import PictureWork, look_through
from tests.workflow.picturework import (
    BARE,
    CODE,
    NAMED,
    NIGHT,
    STRANGE,
    WHOLE,
    ClaimScreener,
    leads_of,
    models,
    offered,
    package,
    picture_findings,
    reminders,
)


def test_what_a_picture_shows_reaches_the_lead_and_stays(work: PictureWork) -> None:
    bare = offered(work, "1", BARE)
    done = look_through(work)
    assert (done.seen, done.refused, done.listings) == (1, 0, 1)
    assert "M01" in models(work, bare)
    assert "picture-uscc-absent" in models(work, bare)
    offered(work, "1", title="五常大米 新米", at=NIGHT + timedelta(days=1))
    assert "picture-uscc-absent" in models(work, bare), "the next crawl does not know the picture, the store does"


def test_a_picture_in_order_speaks_for_the_seller_and_settles_nothing(work: PictureWork) -> None:
    whole = offered(work, "1", WHOLE, title="五常大米 新米")
    look_through(work)
    (lead,) = leads_of(work, whole)
    (finding,) = lead.findings
    assert (finding.model_id, finding.confidence) == ("M01", 0.4), "0.5 before, lowered as by a reading of the page"
    (told,) = [one for one in lead.clearings if one.code == IN_ORDER]
    assert CODE in told.reason and "五常示例米业" in told.reason and not told.decisive
    assert told.place and told.place.key == hashlib.sha256(WHOLE).hexdigest()[:12]
    offered(work, "1", title="五常大米 新米 5斤", at=NIGHT + timedelta(days=1))
    assert [one.code for one in leads_of(work, whole)[0].clearings] == [IN_ORDER], "the next crawl still knows it"


def test_the_words_of_a_picture_in_order_are_held_against_nobody(work: PictureWork) -> None:
    work = replace(work, screener=ClaimScreener())
    claimed = package("五常大米 专用标志产品", "口感软糯", "执行标准 GB/T 19266")
    proved = package("五常大米 专用标志产品", f"统一社会信用代码：{CODE}", "执行标准 GB/T 19266")
    one, two = offered(work, "1", claimed), offered(work, "2", proved, shop="店二")
    look_through(work)
    assert "mark-claim" in models(work, one)
    assert models(work, two) == ["M01"]


@pytest.mark.parametrize("picture", [BARE, STRANGE], ids=["no code", "a stranger's code"])
def test_only_what_was_read_in_order_speaks_for_the_seller(work: PictureWork, picture: bytes) -> None:
    listing = offered(work, "1", picture)
    look_through(work)
    assert not [one for lead in leads_of(work, listing) for one in lead.clearings]


def test_the_other_picture_of_the_goods_shows_what_this_one_lacks(work: PictureWork) -> None:
    both = offered(work, "1", BARE, WHOLE)
    look_through(work)
    assert models(work, both) == ["M01"]


def test_the_same_reason_is_told_once_with_all_its_pictures(work: PictureWork) -> None:
    second = package("东北大米 10kg")
    listing = offered(work, "1", BARE, second)
    look_through(work)
    (finding, *_) = picture_findings(work, listing)
    every = [one.reason for one in picture_findings(work, listing)]
    assert len(every) == len(set(every))
    assert set(finding.place.key.split()) == {hashlib.sha256(data).hexdigest()[:12] for data in (BARE, second)}


@pytest.mark.parametrize("picture", [BARE, NAMED], ids=["no GI named", "GI named"])
@pytest.mark.parametrize("shop", [{"uscc": CODE}, {"shop": "五常示例米业旗舰店"}], ids=["code", "name"])
def test_in_the_own_shop_of_an_authorised_user_what_is_missing_is_a_reminder(
    work: PictureWork, picture: bytes, shop: dict[str, str]
) -> None:
    own = offered(work, "1", picture, **shop)
    look_through(work)
    assert models(work, own) == ["M01"]
    assert "picture-uscc-absent" in reminders(work, own)


def test_goods_of_an_authorised_user_sold_by_others_lack_what_he_owes(work: PictureWork) -> None:
    resold = offered(work, "1", NAMED, brand="示例米香")
    strange = offered(work, "2", STRANGE, brand="示例米香", shop="店二")
    look_through(work)
    assert models(work, resold) == ["M01"]
    assert "picture-uscc-absent" in reminders(work, resold)
    (doubt,) = picture_findings(work, strange)
    assert doubt.model_id == "picture-uscc-unknown", "a stranger's code speaks against the brand"
    assert [one.code for one in doubt.considered] == ["N07"]


def test_an_authorisation_out_of_its_time_was_considered(work: PictureWork) -> None:
    old = offered(work, "1", NAMED, shop="五常旧日米业旗舰店")
    plain = offered(work, "2", NAMED, shop="店二")
    look_through(work)
    assert not reminders(work, old)
    (was, *_), (other, *_) = picture_findings(work, old), picture_findings(work, plain)
    assert was.model_id == other.model_id == "picture-uscc-absent"
    assert "不在有效期内" in was.considered[0].reason
    assert was.confidence < other.confidence


@pytest.mark.parametrize(
    ("said", "origin"),
    [("黑龙江省哈尔滨市五常市", Origin.INSIDE), ("辽宁省沈阳市", Origin.OUTSIDE), ("", Origin.UNKNOWN)],
)
def test_what_pictures_show_is_judged_by_the_origin_that_the_page_states(
    work: PictureWork, said: str, origin: Origin
) -> None:
    listing = offered(work, "1", NAMED, origin=said)
    look_through(work)
    assert {finding.origin for finding in picture_findings(work, listing)} == {origin}


def test_a_shop_found_to_be_an_authorised_users_later_has_reminders_from_then_on(work: PictureWork) -> None:
    other = offered(work, "1", NAMED)
    look_through(work)
    found = picture_findings(work, other)
    clearing = Clearing(code="N20", reason="本人的店铺", decisive=True, gi_id="rice")
    own = Screening(stage=Stage.CLEARED, suspicions=(), clearings=(clearing,), on=NIGHT.date(), register_digest="r1")
    listing = Listing(platform="practice", item_id="1", title="五常大米")
    screening = with_added(own, listing, Added(found=tuple(found)))
    assert (screening.stage, screening.suspicions, screening.reminders) == (Stage.CLEARED, (), tuple(found))
