package resourcetest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"parallax/server/resource"
)

// Explanations are those that were asked for.
func (s *Service) Explanations(_ context.Context, name string) ([]resource.Explanation, error) {
	return read(s, name, func(j *job) []resource.Explanation {
		return slices.SortedFunc(maps.Values(j.explanations), func(a, b resource.Explanation) int { return strings.Compare(b.ID, a.ID) })
	})
}
