package sensitivity

import (
	"maps"
	"slices"
	"strings"

	"parallax/diff"
)

// classes names the classes of what was found.
func classes(r diff.Result) string {
	if len(r.ByClass) == 0 {
		return "no difference"
	}
	var names []string
	for _, class := range slices.Sorted(maps.Keys(r.ByClass)) {
		names = append(names, string(class))
	}
	return strings.Join(names, ", ")
}
