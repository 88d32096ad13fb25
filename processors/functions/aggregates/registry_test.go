package aggregates_test

import (
	"strings"
	"testing"

	"parallax/processors/functions"
	"parallax/processors/functions/aggregates"
)

func TestEveryAggregateSaysWhatItDoes(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range aggregates.All() {
		for _, name := range append([]string{string(f.Name)}, f.Aliases...) {
			if seen[name] || functions.Lookup(name) != nil {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
		if call, result, ok := strings.Cut(f.Example, " = "); !ok || !strings.HasPrefix(call, string(f.Name)) || result == "" {
			t.Errorf("%s: the example %q is no call and its result", f.Name, f.Example)
		}
		if !strings.HasSuffix(f.Doc, ".") {
			t.Errorf("%s: the sentence %q has no end", f.Name, f.Doc)
		}
	}
}
