// Package looktest checks in tests that pages are valid HTML, and load nothing from elsewhere.
//
// Stability: ours.
package looktest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// void are elements without an end tag.
var void = []string{"meta", "link", "br", "hr", "img", "input", "line", "polyline", "polygon", "rect", "circle", "path"}

// inside says which elements may contain an element that belongs into another one.
var inside = map[string][]string{
	"li": {"ul", "ol"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "tr": {"thead", "tbody"}, "th": {"tr"}, "td": {"tr"}, "caption": {"table"}, "thead": {"table"}, "tbody": {"table"},
	"summary": {"details"}, "figcaption": {"figure"}, "title": {"head"}, "style": {"head"}, "meta": {"head", "noscript"}, "main": {"body"}, "option": {"select", "datalist"}, "header": {"body"}, "footer": {"body"},
}

// blocks may not be inside a paragraph, nor inside elements of text.
var blocks = []string{"p", "div", "section", "table", "ul", "dl", "details", "figure", "h1", "h2", "h3"}

// Check reports what is wrong with a page: tags that are not closed in order, elements in a
// wrong place, ids that occur twice, links without a target, controls without a label, and
// anything that would be loaded or run, unless mayLoad allows it. A nil mayLoad allows nothing.
func Check(page []byte, mayLoad func(element, attribute, value string) bool) (wrong []string) {
	if mayLoad == nil {
		mayLoad = func(string, string, string) bool { return false }
	}
	say := func(text string) { wrong = append(wrong, text) }
	ids, targets := map[string]bool{}, []string{}
	labelled, controls := map[string]bool{}, []string{}
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
			for _, id := range controls {
				if !labelled[id] {
					say("no label is for the control with the id " + strconv.Quote(id))
				}
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
				case a.Key == "for" || a.Key == "aria-describedby" || a.Key == "aria-labelledby" || a.Key == "list":
					targets = append(targets, a.Val)
					labelled[a.Val] = labelled[a.Val] || a.Key == "for"
				case strings.HasPrefix(a.Key, "on"), isAddress(a.Key) && !mayLoad(t.Data, a.Key, a.Val):
					say("<" + t.Data + "> loads or runs " + a.Key + "=" + a.Val)
				}
			}
			if slices.Contains([]string{"input", "select", "textarea"}, t.Data) && !slices.Contains(t.Attr, html.Attribute{Key: "type", Val: "hidden"}) {
				controls = append(controls, valueOf(t, "id"))
			}
			if slices.Contains([]string{"script", "iframe", "object", "img"}, t.Data) && !mayLoad(t.Data, "", "") {
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

// isAddress reports whether an attribute names something that a browser loads, or where it goes.
func isAddress(attribute string) bool {
	return slices.Contains([]string{"href", "src", "srcset", "action", "formaction", "style"}, attribute)
}

func valueOf(t html.Token, attribute string) string {
	for _, a := range t.Attr {
		if a.Key == attribute {
			return a.Val
		}
	}
	return ""
}
