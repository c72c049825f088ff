"""Pictures of a lead's listing, decoded and encoded anew, so that nothing but pixels reaches the officer's browser."""

from __future__ import annotations

import io

from fastapi import APIRouter, Response
from PIL import Image

from gimonitor.errors import NotFoundError
from gimonitor.imaging.decode import read_picture
from gimonitor.store import leads
from gimonitor.store.pictures import pictures_of
from gimonitor.web.access import ReaderPage
from gimonitor.web.files import inside, picture

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
    pixels = read_picture(inside(page.services.configuration.evidence_dir, found.file)).pixels
    image = Image.fromarray(pixels)
    image.thumbnail((_MOST_SIDE, _MOST_SIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return picture(out.getvalue())
