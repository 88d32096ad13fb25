package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// KeyText shows the example's key and window for people; "" where it has no key.
func (e Example) KeyText() string {
	if e.Key == nil {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Key)) {
		parts = append(parts, name+"="+e.Key[name])
	}
	text := strings.Join(parts, ", ")
	if len(e.Window) == 2 {
		text += fmt.Sprintf(" in [%d, %d)", e.Window[0], e.Window[1])
	}
	return text
}
