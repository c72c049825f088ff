"""Scrapy item pipelines: one stage per file, each calling one function of gimonitor."""
