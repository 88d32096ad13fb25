package exec_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/processors/exec"
)

// TestAnEntryIsShownWithItsKeyAndWhatItHolds: the texts are in testdata/texts. They are the
// same for what was stored and read again.
func TestAnEntryIsShownWithItsKeyAndWhatItHolds(t *testing.T) {
	for name, s := range states {
		t.Run(name, func(t *testing.T) {
			o := storedState(t, s)
			d, err := exec.NewDescriber(o.stage)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			keys := map[string]bool{}
			for _, e := range o.entries {
				key, text := d.Describe(e)
				if key == "" || keys[key] || text == "" {
					t.Errorf("key %q, which is empty or not the only one, and %q", key, text)
				}
				keys[key] = true
				fmt.Fprintf(&b, "%s: %s\n", key, text)
				read, err := o.codec.Read(o.codec.Append(nil, e))
				if err != nil {
					t.Fatal(err)
				}
				if k, again := d.Describe(read); k != key || again != text {
					t.Errorf("after it was stored: %s: %s, before: %s: %s", k, again, key, text)
				}
			}
			path := filepath.Join("testdata", "texts", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(path); err != nil || string(want) != b.String() {
				t.Errorf("%v, got\n%swant\n%s", err, b.String(), want)
			}
		})
	}
}
