package page

import (
	"strings"

	"parallax/server/resource"
)

// groupsOf puts values in groups by the first part of their keys, in the order of the list.
// Values without such a part come first.
func groupsOf(list []resource.ConfigValue) []configGroup {
	groups := []configGroup{{Name: "job"}}
	at := map[string]int{"": 0}
	for _, v := range list {
		name, _, isNested := strings.Cut(v.Key, ".")
		if !isNested {
			name = ""
		}
		i, ok := at[name]
		if !ok {
			i = len(groups)
			at[name] = i
			groups = append(groups, configGroup{Name: name})
		}
		groups[i].Values = append(groups[i].Values, v)
	}
	if len(groups[0].Values) == 0 {
		groups = groups[1:]
	}
	return groups
}
