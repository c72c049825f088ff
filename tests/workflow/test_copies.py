"""Pictures that an authorised user's shop showed first, in the listings of others."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

from PIL import Image
from sqlalchemy import select, update

from gimonitor.imaging.faults import copied_finding
from gimonitor.imaging.look import VERSION
from gimonitor.screening.added import Added
from gimonitor.store import pictures, tables
from gimonitor.workflow.pictures import PictureWork, look_through
from tests.workflow.picturework import (
    BARE,
    NIGHT,
    REGISTER,
    WHOLE,
    ClearingScreener,
    leads_of,
    models,
    offered,
    picture_findings,
)

OF_OLD = {"phash": "0" * 16, "dhash": "0" * 16, "small": "", "size": [8, 8], "corners": "", "descriptors": ""}


def test_near_duplicates_are_noted_as_one_group(work: PictureWork) -> None:
    """The same package smaller and darker, in another shop, and one that shows something else."""
    image = Image.open(io.BytesIO(WHOLE)).resize((500, 500)).point(lambda value: int(value * 0.9))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    offered(work, "one", WHOLE)
    offered(work, "two", out.getvalue(), shop="店二")
    offered(work, "three", BARE, shop="店三")
    look_through(work)
    with work.store.read() as c:
        rows = dict(c.execute(select(tables.pictures.c.digest, tables.pictures.c.alike)).all())
    whole, darker = (hashlib.sha256(data).hexdigest() for data in (WHOLE, out.getvalue()))
    assert rows[whole] == rows[darker] == min(whole, darker)


def test_a_picture_first_seen_at_an_authorised_users_shop(work: PictureWork) -> None:
    own = offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    assert "picture-copied" in models(work, other)
    assert "picture-copied" not in models(work, own)
    (finding,) = picture_findings(work, other)
    assert "“五常示例米业”" in finding.reason
    assert "该店铺商品“五常大米”（1），http://127.0.0.1/goods/1，2026年03月02日首次采集到。" in finding.reason
    with work.store.read() as c:
        first = pictures.first_use(c, hashlib.sha256(WHOLE).hexdigest())
    assert first and (first.item_id, first.file) == ("1", "1-0.jpg")


def test_who_showed_a_picture_first_hangs_on_the_page_not_on_when_the_picture_was_fetched(work: PictureWork) -> None:
    """Pictures of the newest listings are fetched first."""
    other = offered(work, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(hours=2))
    own = offered(work, "1", WHOLE, shop="五常示例米业旗舰店", fetched=timedelta(hours=3))
    look_through(work)
    assert "picture-copied" in models(work, other)
    assert "picture-copied" not in models(work, own)


def test_a_copy_makes_no_lead_of_its_own_and_waits_for_one(work: PictureWork) -> None:
    """The screener flags 五常; what it clears is looked at, too."""
    plain = PictureWork(work.store, work.evidence_dir, work.looker, ClearingScreener())
    offered(plain, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(plain, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(plain)
    assert leads_of(plain, other) == []
    offered(work, "2", title="五常大米 新米", shop="某某食品店", at=NIGHT + timedelta(days=3))
    assert models(work, other) == ["M01", "picture-copied"]


def test_a_copy_of_a_copy_that_is_not_the_users_picture_is_no_copy_of_it(work: PictureWork) -> None:
    """A group joins what is alike by steps; each picture is compared with the user's own."""
    offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    offered(work, "2", BARE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    whole, bare = (hashlib.sha256(data).hexdigest() for data in (WHOLE, BARE))
    with work.store.write() as c:
        pictures.save_alike(c, [[whole, bare]])
    out = io.BytesIO()
    Image.open(io.BytesIO(BARE)).save(out, "JPEG", quality=80)
    other = offered(work, "3", out.getvalue(), shop="店三", at=NIGHT + timedelta(days=3))
    look_through(work)
    with work.store.read() as c:
        named = c.execute(select(tables.pictures.c.alike)).scalars().all()
    assert named == [min(whole, bare)] * 3
    assert "picture-copied" not in models(work, other)


def test_what_an_older_look_took_for_copies_is_taken_back(work: PictureWork) -> None:
    own = offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", BARE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    whole, bare = (hashlib.sha256(data).hexdigest() for data in (WHOLE, BARE))
    wrong = copied_finding(
        "rice", "商品图片与合法使用人“五常示例米业”店铺先前使用的图片相同。", NIGHT.date(), REGISTER, bare
    )
    with work.store.write() as c:
        pictures.save_alike(c, [[whole, bare]])
        pictures.save_added(c, other, Added(notes=(wrong,)))
        c.execute(update(tables.pictures).values(look_version=VERSION - 1, fingerprint=OF_OLD))
    assert look_through(work).seen == 2
    with work.store.read() as c:
        assert pictures.kept_copies(c, other) == []
        assert set(c.execute(select(tables.pictures.c.alike)).scalars()) == {None}
    assert "picture-copied" not in models(work, other) + models(work, own)


def test_what_is_kept_of_a_copy_stays_while_only_other_pictures_are_new(work: PictureWork) -> None:
    offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", WHOLE, shop="某某食品店", at=NIGHT + timedelta(days=2))
    look_through(work)
    offered(work, "2", WHOLE, BARE, shop="某某食品店", at=NIGHT + timedelta(days=3))
    assert look_through(work).seen == 1
    assert models(work, other).count("picture-copied") == 1


def test_a_fingerprint_of_another_kind_is_passed_over(work: PictureWork) -> None:
    offered(work, "1", WHOLE)
    look_through(work)
    with work.store.write() as c:
        c.execute(update(tables.pictures).values(fingerprint=OF_OLD))
    offered(work, "2", BARE, shop="店二")
    assert look_through(work).seen == 1


def test_who_sells_an_authorised_users_goods_may_show_his_picture(work: PictureWork) -> None:
    offered(work, "1", WHOLE, shop="五常示例米业旗舰店")
    other = offered(work, "2", WHOLE, shop="某某食品店", brand="示例米香", at=NIGHT + timedelta(days=2))
    look_through(work)
    assert models(work, other) == ["M01"]
