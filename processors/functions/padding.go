package functions

import (
	"strings"

	"parallax/processors/row"
)

// paddingFunctions bring a text to a length.
var paddingFunctions = []Function{
	{
		Name: "LPAD", Signatures: padding, Eval: func(a []row.Value, t row.Type) (row.Value, error) { return pad(a, t, true) },
		Doc:     "The text filled up in front, or cut, to a length; NULL where the length is negative or there is nothing to fill with.",
		Example: "LPAD('123', 5, '0') = '00123'",
	},
	{
		Name: "RPAD", Signatures: padding, Eval: func(a []row.Value, t row.Type) (row.Value, error) { return pad(a, t, false) },
		Doc:     "The text filled up at its end, or cut, to a length; NULL where the length is negative or there is nothing to fill with.",
		Example: "RPAD('Foo', 7, 'Bar') = 'FooBarB'",
	},
}

var padding = []string{"STRING, length INT, padding STRING -> STRING", "BYTES, length INT, padding BYTES -> BYTES"}

func pad(a []row.Value, t row.Type, front bool) (row.Value, error) {
	s, length, fill := a[0], int(a[1].Int64()), a[2]
	switch {
	case length < 0 || fill.Str() == "":
		return row.Value{}, nil
	}
	missing := length - countOf(s)
	if missing <= 0 {
		return row.NewText(t.Kind, s.Str()[:offset(s, length)]), nil
	}
	each := countOf(fill)
	if len(s.Str())+(missing/each)*len(fill.Str()) > MaxResult {
		return row.Value{}, ErrResultSize
	}
	filled := strings.Repeat(fill.Str(), missing/each) + fill.Str()[:offset(fill, missing%each)]
	if front {
		return row.NewText(t.Kind, filled+s.Str()), nil
	}
	return row.NewText(t.Kind, s.Str()+filled), nil
}
