package page_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"parallax/reports/document"
	"parallax/reports/page"
)

var pages = flag.String("pages", "", "write the pages of the samples into this folder, to look at them")

func write(t *testing.T, d *document.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := page.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// samples are reports in all the forms that the page has.
func samples() map[string]*document.Document {
	right := made(stretch(), nil)
	empty := emptied(stretch())
	return map[string]*document.Document{
		"pass": right, "fail": made(wrong(stretch()), right), "again": made(stretch(), made(wrong(stretch()), right)), "empty": made(empty, right), "many": made(many(10_000), right),
	}
}

func TestPagesToLookAt(t *testing.T) {
	if *pages == "" {
		t.Skip("no -pages folder")
	}
	for name, d := range samples() {
		if err := os.WriteFile(filepath.Join(*pages, name+".html"), write(t, d), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
