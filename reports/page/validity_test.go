package page_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// void are elements without an end tag.
var void = []string{"meta", "link", "br", "hr", "img", "input", "line", "polyline", "polygon", "rect"}

// inside says which elements may contain an element that belongs into another one.
var inside = map[string][]string{
	"li": {"ul"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "tr": {"thead", "tbody"}, "th": {"tr"}, "td": {"tr"}, "caption": {"table"}, "thead": {"table"}, "tbody": {"table"},
	"summary": {"details"}, "figcaption": {"figure"}, "title": {"head"}, "style": {"head"}, "meta": {"head"}, "main": {"body"},
}

// blocks may not be inside a paragraph, nor inside elements of text.
var blocks = []string{"p", "div", "section", "table", "ul", "dl", "details", "figure", "h1", "h2", "h3"}

// checkHTML reports what is wrong with a page: tags that are not closed in order, elements in a
// wrong place, ids that occur twice, links without a target, anything that would
// be loaded or run.
func checkHTML(page []byte) (wrong []string) {
	say := func(text string) { wrong = append(wrong, text) }
	ids, targets := map[string]bool{}, []string{}
	var open []string
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				say(z.Err().Error())
			}
			if len(open) > 0 {
				say("not closed: " + strings.Join(open, " > "))
			}
			for _, id := range targets {
				if !ids[id] {
					say("no element has the id " + id)
				}
			}
			return wrong
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			parent := ""
			if len(open) > 0 {
				parent = open[len(open)-1]
			}
			if of, ok := inside[t.Data]; ok && !slices.Contains(of, parent) {
				say("<" + t.Data + "> in <" + parent + ">")
			}
			if slices.Contains(blocks, t.Data) && slices.ContainsFunc(open, func(o string) bool {
				return slices.Contains([]string{"p", "span", "code", "h1", "h2", "h3", "summary", "dt"}, o)
			}) {
				say("<" + t.Data + "> in the text of " + strings.Join(open, " > "))
			}
			for _, a := range t.Attr {
				switch {
				case a.Key == "id" && ids[a.Val]:
					say("two elements have the id " + a.Val)
				case a.Key == "id":
					ids[a.Val] = true
				case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
					targets = append(targets, a.Val[1:])
				case a.Key == "href" || a.Key == "src" || a.Key == "srcset" || strings.HasPrefix(a.Key, "on"):
					say("<" + t.Data + "> loads or runs " + a.Key + "=" + a.Val)
				}
			}
			if t.Data == "script" || t.Data == "iframe" || t.Data == "object" || t.Data == "img" {
				say("<" + t.Data + ">")
			}
			if !slices.Contains(void, t.Data) {
				open = append(open, t.Data)
			}
		case html.EndTagToken:
			t := z.Token()
			if len(open) == 0 || open[len(open)-1] != t.Data {
				say("</" + t.Data + "> closes " + strings.Join(open, " > "))
				return wrong
			}
			open = open[:len(open)-1]
		}
	}
}

func TestEveryPageIsValid(t *testing.T) {
	for name, d := range samples() {
		t.Run(name, func(t *testing.T) {
			for i, w := range checkHTML(write(t, d)) {
				if t.Error(w); i > 10 {
					break
				}
			}
		})
	}
}

func TestTheCheckOfPagesNoticesWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"<p><b>a</p></b>": "closes", "<div>": "not closed", `<p id="a"></p><p id="a"></p>`: "two elements", `<a href="#b"></a>`: "no element has the id b",
		"<li>a</li>": "<li> in", "<p><div></div></p>": "in the text of", `<img src="https://x/">`: "loads", "<script></script>": "<script>",
	} {
		if wrong := strings.Join(checkHTML([]byte(text)), "\n"); !strings.Contains(wrong, want) {
			t.Errorf("%s: %q", text, wrong)
		}
	}
}

// TestDataNeverBecomesMarkup: names and values of the data are shown as they are.
func TestDataNeverBecomesMarkup(t *testing.T) {
	page := string(write(t, made(many(3), nil)))
	for _, bad := range []string{"<script>", "\x1b", "\x00", "\u202e", "<b>"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %q of the data", bad)
		}
	}
	if !strings.Contains(page, "&lt;script&gt;alert") {
		t.Error("the data is not shown")
	}
}

// TestTenThousandDifferencesTakeAtMostTwoMegabytes although every text is as long as it may be.
func TestTenThousandDifferencesTakeAtMostTwoMegabytes(t *testing.T) {
	page := write(t, made(many(10_000), nil))
	if len(page) > 2_000_000 {
		t.Errorf("%d bytes", len(page))
	}
	if !bytes.Contains(page, []byte("more differences: the JSON form has all of them.")) {
		t.Error("the page does not say that differences are left out")
	}
	t.Log(len(page), "bytes")
}
