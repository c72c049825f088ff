"""Pictures of a lead's listing, decoded and encoded anew, so that nothing but pixels reaches the officer's browser."""

from __future__ import annotations

import io

from fastapi import APIRouter, Response
from PIL import Image

from gimonitor.errors import NotFoundError
from gimonitor.imaging.decode import read_picture
from gimonitor.imaging.faults import picture_key
from gimonitor.store import leads
from gimonitor.store.pictures import first_use, pictures_of
from gimonitor.web.access import ReaderPage
from gimonitor.web.files import inside, picture
from gimonitor.web.seenpictures import copied_keys

router = APIRouter()

_MOST_SIDE = 1600


@router.get("/leads/{lead_id}/seen/{digest}")
def seen(page: ReaderPage, lead_id: int, digest: str) -> Response:
    """A picture of the listing to look at."""
    with page.services.store.read() as c:
        listing_id = leads.load_lead_row(c, lead_id).listing_id
        found = next((one for one in pictures_of(c, listing_id) if one.digest == digest), None)
    if found is None:
        raise NotFoundError(f"线索 {lead_id} 没有这张图片")
    return _shown(page, found.file)


@router.get("/leads/{lead_id}/seen/{digest}/first")
def first(page: ReaderPage, lead_id: int, digest: str) -> Response:
    """The picture that a picture of the listing is called a copy of."""
    with page.services.store.read() as c:
        found = (
            first_use(c, digest) if picture_key(digest) in copied_keys(leads.load_lead(c, lead_id).findings) else None
        )
    if found is None:
        raise NotFoundError(f"线索 {lead_id} 没有这张图片")
    return _shown(page, found.file)


def _shown(page: ReaderPage, file: str) -> Response:
    pixels = read_picture(inside(page.services.configuration.evidence_dir, file)).pixels
    image = Image.fromarray(pixels)
    image.thumbnail((_MOST_SIDE, _MOST_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return picture(out.getvalue())
