"""Links of one command: a site that refuses keeps only its own, and links that lead to one page are told together."""

from __future__ import annotations

from gimonitor.model.run import BlockKind
from spiders.link import LinkSpider

A, B, C = "12315 https://item.example.com/1", "12315 https://www.example.com/2", "12315 https://example.org/3"


def spider_of(*queries: str) -> LinkSpider:
    spider = LinkSpider(query=",".join(queries))
    for query in queries:
        spider.ledger[query].waiting = 1
    return spider


def test_a_challenge_of_one_site_ends_only_its_own_links() -> None:
    spider = spider_of(A, B, C)
    spider._strike(BlockKind.CHALLENGE, "https://www.example.com/verify")
    assert (spider.refusal_at("https://example.com/9"), spider.refusal_at(C)) == (BlockKind.CHALLENGE, None)
    spider.close_ledger("finished")
    assert [spider.ledger[query].blocked for query in (A, B, C)] == [BlockKind.CHALLENGE, BlockKind.CHALLENGE, None]
    assert "its site had refused another link" in spider.ledger[B].detail


def test_one_link_that_is_refused_otherwise_ends_nothing() -> None:
    spider = spider_of(A, B, C)
    for _ in range(5):
        spider._strike(BlockKind.LOGIN, "https://www.example.com/login")
    assert [spider.refusal_at(query) for query in (A, B, C)] == [None, None, None]


def test_a_link_is_the_same_as_the_one_whose_page_it_is_in_the_end() -> None:
    spider = spider_of(A, B, C)
    spider.ledger[A].same_as, spider.ledger[B].same_as = B, C
    spider.ledger[C].goods[("web", "9")] = None
    spider.close_ledger("finished")
    assert [(spider.ledger[q].same_as, list(spider.ledger[q].goods)) for q in (A, B)] == [(C, [("web", "9")])] * 2
