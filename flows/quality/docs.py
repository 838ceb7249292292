"""Great Expectations' Data Docs made to be read offline: no script, no picture, no style from anywhere, one style inline.

Their own pages load some twenty files from other servers, and are unreadable where these can't be reached.
"""

import re
from html import escape
from pathlib import Path
from urllib.parse import quote

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_REMOVED = (
    re.compile(r"<script\b.*?</script\s*>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<(?:iframe|object|video|audio)\b.*?</(?:iframe|object|video|audio)\s*>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<(?:link|img|embed|source|input|meta\s+name=.viewport.)\b[^>]*>", re.IGNORECASE),
    re.compile(r"<button\b.*?</button\s*>", re.DOTALL | re.IGNORECASE),
    re.compile(r"""\son\w+\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE),
    re.compile(r"<title>\s*</title>", re.IGNORECASE),
)
_OTHERS_LINK = re.compile(r"""<a\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//[^>]*>(.*?)</a\s*>""", re.DOTALL | re.IGNORECASE)
_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { border: 1px solid #767676; padding: .35rem .6rem; text-align: left; vertical-align: top }
ul, ol { padding-left: 1.25rem }
pre, code { white-space: pre-wrap }
a { color: inherit }
h1 { font-size: 1.6rem } h2, h3 { font-size: 1.1rem; margin: 1rem 0 .25rem }
footer, .card:has(label) { display: none }
"""
_HEAD = f"""
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style>
"""


_SIGNS = (
    (re.compile(r"<i\b[^>]*\btext-success\b[^>]*>\s*</i>"), "✓ met"),
    (re.compile(r"<i\b[^>]*\btext-(?:danger|warning)\b[^>]*>\s*</i>"), "✕ not met"),
)
"""Their signs are letters of a font that is fetched."""


def offline(pages: Path, site: Path) -> None:
    """Copies the HTML pages of `pages` to the new folder `site`, each without anything that it would fetch or run."""
    made = [source.relative_to(pages) for source in sorted(pages.rglob("*.html")) if source.parent != pages]
    for name in made:
        target = site / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.write_text(quiet((pages / name).read_text(encoding="utf-8")), encoding="utf-8")
    # Theirs is a table that a script fills.
    (site / "index.html").write_text(quiet(_index(made)), encoding="utf-8")


def _index(made: list[Path]) -> str:
    links = "".join(
        f'<li><a href="{escape(quote(name.as_posix()))}">{escape(_WORDS[name.parts[0]])}: '
        f"{escape(name.parts[1].removesuffix('.html').replace('_', ' '))}</a></li>"
        for name in sorted(made, key=lambda name: name.parts[:2], reverse=True)
    )
    title = "The checks in the pages of Great Expectations"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title></head><body><main><h1>{title}</h1>"
        f"<ul>{links}</ul><p><a href='../index.html'>Back to the data quality of the night</a></p></main></body></html>"
    )


_WORDS = {"validations": "What came of it", "expectations": "What was expected"}


def quiet(html: str) -> str:
    """One page without scripts, pictures and links to elsewhere, with a language and our style."""
    for pattern in _REMOVED:
        html = pattern.sub("", html)
    for pattern, words in _SIGNS:
        html = pattern.sub(words, html)
    html = _OTHERS_LINK.sub(r"\1", html)
    # One heading of the first level, one main part, no second navigation, no link without words.
    html = re.sub(r"<a\b[^>]*>\s*</a>", "", html)
    html = re.sub(r"<(/?)nav\b[^>]*>", r"<\1div>", html)
    if "<main>" not in html:
        html = re.sub(r"<h4\b[^>]*>(.*?)</h4>", r"<h1>\1</h1>", html, count=1, flags=re.DOTALL)
        for theirs, ours in (("4", "2"), ("5", "2"), ("6", "3")):
            html = re.sub(rf"<(/?)h{theirs}\b[^>]*>", rf"<\1h{ours}>", html)
        html = re.sub(r"<body\b[^>]*>", "<body><main>", html, count=1, flags=re.IGNORECASE)
        html = html.replace("</body>", "</main></body>")
    html = re.sub(r"<html\b[^>]*>", '<html lang="en">', html, count=1, flags=re.IGNORECASE)
    return re.sub(r"<head\b[^>]*>", lambda head: head.group() + _HEAD, html, count=1, flags=re.IGNORECASE)
