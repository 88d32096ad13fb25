package functions

import (
	"slices"

	"parallax/processors/functions/signature"
)

// Family is the functions of a kind.
type Family struct {
	Name      string
	Functions []Function
}

// families are the registry, in the order in which it is listed.
var families = []Family{
	{"Conditional", prepared(conditionalFunctions)},
	{"Numeric", prepared(numericFunctions)},
	{"Trigonometry and logarithms", prepared(mathFunctions)},
	{"String", prepared(stringFunctions, paddingFunctions)},
	{"Masking", prepared(maskFunctions)},
	{"Regular expressions", prepared(regexpFunctions)},
	{"Bytes", prepared(bytesFunctions)},
	{"URL", prepared(urlFunctions)},
	{"JSON", prepared(jsonFunctions)},
	{"Arrays", prepared(arrayFunctions)},
	{"Maps", prepared(mapFunctions)},
	{"Lambdas", prepared(lambdaFunctions)},
	{"Arrays and maps of text", prepared(splitFunctions)},
	{"Date and time", prepared(timeFunctions, formatFunctions)},
	{"Geography", prepared(geoFunctions)},
	{"Table functions", prepared(tableFunctions)},
}

func prepared(lists ...[]Function) []Function {
	all := slices.Concat(lists...)
	for i := range all {
		all[i].Callable = signature.Parse(all[i].Signatures, all[i].Compares)
	}
	return all
}

// Lookup finds a function by name or alias, upper case, and an operator
// that is a call of plan; nil if there is none.
func Lookup(name string) *Function {
	for i := range operators {
		if operators[i].Name == name {
			return &operators[i]
		}
	}
	for i := range families {
		list := families[i].Functions
		for j := range list {
			if list[j].Name == name || slices.Contains(list[j].Aliases, name) {
				return &list[j]
			}
		}
	}
	return nil
}

// Names lists all names and aliases, sorted.
func Names() []string {
	var names []string
	for _, family := range families {
		for _, f := range family.Functions {
			names = append(append(names, f.Name), f.Aliases...)
		}
	}
	slices.Sort(names)
	return names
}

// Families lists the registry, to be read only.
func Families() []Family { return families }
