"""固证: what was seen, sealed so that a changed byte shows; captured with Chromium, stamped, packed and verified."""
