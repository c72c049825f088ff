"""What holds for every spider, those to come included."""

import importlib
import inspect
import pkgutil

import pytest
from scrapy.settings.default_settings import RETRY_HTTP_CODES

import spiders
from gimonitor.crawling.source import SourceSpider
from gimonitor.errors import ConfigurationError

NAMES = [m.name for m in pkgutil.iter_modules(spiders.__path__)]


def spider_of(name):
    module = importlib.import_module(f"spiders.{name}")
    return next(
        c for c in vars(module).values()
        if inspect.isclass(c) and issubclass(c, SourceSpider) and c.__module__ == module.__name__
    )  # fmt: skip


def test_there_are_some():
    assert {"practice", "shop"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_file_name_and_class_agree(name):
    spider = spider_of(name)
    assert spider.name == name
    assert spider.__name__.lower() == name.replace("_", "") + "spider"


@pytest.mark.parametrize("name", NAMES)
def test_it_explains_itself_with_an_example(name):
    module = importlib.import_module(f"spiders.{name}")
    assert f"scrapy crawl {name}" in (module.__doc__ or "")
    assert spider_of(name).__doc__


@pytest.mark.parametrize("name", NAMES)
def test_politeness_is_not_its_business(name):
    spider = spider_of(name)
    own = getattr(spider, "custom_settings", None) or {}
    assert set(own) <= {"RETRY_HTTP_CODES"}, f"{name}: settings belong into politeness.yml"
    assert set(own.get("RETRY_HTTP_CODES", ())) <= set(RETRY_HTTP_CODES), f"{name}: asks again where others do not"
    for setting in ("download_delay", "user_agent", "max_concurrent_requests"):
        assert not getattr(spider, setting, None), f"{name}: {setting} belongs into politeness.yml"
    assert spider.max_pages <= 100


@pytest.mark.parametrize("name", NAMES)
def test_it_starts_only_with_something_to_ask_and_domains(name, monkeypatch):
    monkeypatch.delenv("GIMONITOR_PRACTICE_URL", raising=False)
    with pytest.raises(ConfigurationError):
        spider_of(name)().check_ready("contact@example.invalid", lambda host: False)


@pytest.mark.parametrize("name", NAMES)
def test_queries_by_hand_are_split(name):
    assert spider_of(name)(query="http://a.test/, http://b.test/，http://a.test/").queries == (
        "http://a.test/",
        "http://b.test/",
    )
