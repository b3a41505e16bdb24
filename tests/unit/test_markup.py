"""Markdown that people wrote becomes HTML that may stand anywhere."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.markup import MOST_LINES, to_html

REL = 'rel="nofollow noopener noreferrer"'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Crisp.", "<p>Crisp.</p>"),
        ("a *b* **c** `d<e>`", "<p>a <em>b</em> <strong>c</strong> <code>d&lt;e&gt;</code></p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("# A\n\n- b\n- c", "<h1>A</h1>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>"),
        ("```html\n<b>\n```", "<pre><code>&lt;b&gt;\n</code></pre>"),
        ("[a](https://e.org/?a=1&b)", f'<p><a href="https://e.org/?a=1&amp;b" {REL}>a</a></p>'),
        ('[a](http://e.org "b")', f'<p><a href="http://e.org" title="b" {REL}>a</a></p>'),
        ("<mailto:a@e.org>", f'<p><a href="mailto:a@e.org" {REL}>mailto:a@e.org</a></p>'),
        # a picture is what it shows, in words
        ("![a *b*](https://e.org/a.png)", "<p>a b</p>"),
        ("![<b>](https://e.org/a.png)", "<p>&lt;b&gt;</p>"),
    ],
)
def test_a_text_is_shown_so(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<b>",
        "vbscript:x",
        "file:///etc/passwd",
        "//e.org",
        "/graphql",
        "a.html",
        "#a",
        "ftp://e.org",
        "httpx://e.org",
    ],
)
def test_links_lead_to_web_and_mail_only(target: str) -> None:
    for text in (f"[a]({target})", f"[a](<{target}>)", f"<{target}>", f"[a]\n\n[a]: {target}"):
        assert "href" not in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='https://e.org' onclick='x()'>a</a>",
        "<style>*{}</style>",
        "<!-- a -->",
        "<svg/onload=alert(1)>",
        "a <b>c</b>",
        "<b",
        "&lt;b&gt;",
        "`</code><b>`",
    ],
)
def test_html_of_the_authors_own_is_text(text: str) -> None:
    assert not re.search(r"<(?!/?(?:p|code)>)", to_html(text))


@given(st.text("<>[]()!\"'`*_#&:;/\\- \nabhjsx=", max_size=200))
def test_only_known_tags_and_attributes_ever_leave(text: str) -> None:
    html = to_html(text)
    tags = re.findall(r"<[^>]*>", html)
    plain = r"</?(?:blockquote|br|code|em|h[1-6]|hr|li|ol|p|pre|strong|ul)>"
    link = rf'<a href="(?:https?|mailto):[^"<>]*"(?: title="[^"]*")? {REL}>|</a>|<ol start="\d+">'
    assert [each for each in tags if not re.fullmatch(f"{plain}|{link}", each, re.IGNORECASE)] == []
    assert html.count("<") == len(tags)


@pytest.mark.parametrize(
    "unit",
    [
        ">1. \na\n",
        "```\n>---\n|",
        "- ---\n===\n>>>>>>>>>>>>",
        "* ```\n===\n> > > > > > ",
        "[",
        "![",
        "<a* _![",
        "*a ",
        "_a*",
        ">",
        "- ",
        "`a",
        "[a](",
        "[a]: b\n",
        "&",
        "\\",
        "<",
    ],
)
def test_no_text_takes_long(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    for each in (text, "\n".join(text.split("\n")[: MOST_LINES - 1])):
        begun = time.process_time()
        to_html(each)
        # As it stands, the library would take minutes for some; no machine is so slow.
        assert time.process_time() - begun < 10


def test_a_text_of_very_many_lines_is_shown_as_it_stands() -> None:
    assert to_html("*a*\n" * (MOST_LINES - 1)).count("<em>") == MOST_LINES - 1
    assert to_html("<b>\n" * MOST_LINES) == "<p>" + "<br>\n".join(["&lt;b&gt;"] * MOST_LINES) + "</p>"
