package aggregates

import (
	"slices"

	"parallax/processors/functions/signature"
)

// Lookup finds an aggregate by name or alias, upper case; nil if there is
// none.
func Lookup(name string) *Function {
	for i := range registry {
		f := &registry[i]
		if string(f.Name) == name || slices.Contains(f.Aliases, name) {
			return f
		}
	}
	return nil
}

// All lists the registry, to be read only.
func All() []Function { return registry }

// Names lists all names and aliases.
func Names() []string {
	var names []string
	for _, f := range registry {
		names = append(append(names, string(f.Name)), f.Aliases...)
	}
	return names
}

func prepared(list []Function) []Function {
	for i := range list {
		f := &list[i]
		f.Callable = signature.Parse(f.Signatures, signature.AfterConverting)
	}
	return list
}
