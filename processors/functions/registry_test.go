package functions_test

import (
	"strings"
	"testing"

	"parallax/processors/functions"
)

func TestEveryFunctionSaysWhatItDoes(t *testing.T) {
	seen := map[string]bool{}
	for _, family := range functions.Families() {
		for _, f := range family.Functions {
			for _, name := range append([]string{f.Name}, f.Aliases...) {
				if seen[name] {
					t.Errorf("%s is there twice", name)
				}
				seen[name] = true
			}
			call, result, ok := strings.Cut(f.Example, " = ")
			switch {
			case !strings.HasSuffix(f.Doc, "."):
				t.Errorf("%s: the sentence %q has no end", f.Name, f.Doc)
			case !ok || !strings.Contains(call, f.Name) || result == "":
				t.Errorf("%s: the example %q is no call and its result", f.Name, f.Example)
			case len(f.Signatures) == 0:
				t.Errorf("%s has no signature", f.Name)
			}
		}
	}
}
