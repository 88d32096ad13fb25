package service

import (
	"testing"

	"parallax/server/resource"
)

func TestThePlaceOfASampleIsReadAsItIsWritten(t *testing.T) {
	for _, p := range []place{{0, 1}, {7, 12}, {1<<63 - 1, 3}} {
		if got, err := parsePlace(p.String()); err != nil || got != p {
			t.Errorf("%v: %v, %v", p, got, err)
		}
	}
	for _, text := range []string{"-1", "-1-1", "5", "5-", "5-0", "5--1", "5-+1", "05-1", "+5-1", "5-1-1", "x-1"} {
		if p, err := parsePlace(text); err == nil {
			t.Errorf("%q is taken for %v", text, p)
		}
	}
}

// A job that stores no evidence shows each of its samples once, in pages.
func TestSamplesThatAreNotStoredAreReadInPages(t *testing.T) {
	list := make([]resource.Divergence, 5)
	for i := range list {
		list[i].Signature = string(rune('a' + i))
	}
	read, after := "", place{to: 1<<63 - 1}
	for range list {
		page := cut(list, after, 2)
		for _, d := range page.Items {
			read += d.Signature
		}
		if page.Next == "" {
			break
		}
		read += " "
		var err error
		if after, err = parsePlace(page.Next); err != nil {
			t.Fatal(err)
		}
	}
	if read != "ab cd e" {
		t.Errorf("%q", read)
	}
}
