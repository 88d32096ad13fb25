package functions

import (
	"strconv"
	"strings"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// jsonFunctions look into text that is JSON.
var jsonFunctions = []Function{
	{
		Name: "EXTRACTJSONFIELD", Aliases: []string{"JSON_VALUE"}, Signatures: []string{"json STRING, path STRING -> STRING"},
		Prepare: onPath(func(value string, found bool) row.Value {
			if !found {
				return row.Value{}
			}
			return jsonAsText(value)
		}),
		Doc:     "What is at a path such as $.a.b[0], as text; NULL where there is nothing, or null. An object or array is its JSON.",
		Example: `EXTRACTJSONFIELD('{"log": {"cloud": "gcp", "n": [4, 5]}}', '$.log.n[1]') = '5'`,
	},
	{
		Name: "JSON_EXISTS", Signatures: []string{"json STRING, path STRING -> BOOLEAN"},
		Prepare: onPath(func(_ string, found bool) row.Value { return row.NewBoolean(found) }),
		Doc:     "Whether there is anything at a path, null included.", Example: `JSON_EXISTS('{"a": {"b": null}}', '$.a.b') = TRUE`,
	},
	{
		Name: "IS_JSON_STRING", Signatures: []string{"STRING -> BOOLEAN"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			_, ok := wholeJSON(a[0].Str())
			return row.NewBoolean(ok), nil
		},
		Doc: "Whether the text is one JSON value; FALSE for NULL.", Example: "IS_JSON_STRING('[1, 2]') = TRUE",
	},
	{
		Name: "JSON_ARRAY_LENGTH", Signatures: []string{"json STRING -> INT"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			n := int64(0)
			if !jsonElements(a[0].Str(), func(string) bool { n++; return true }) {
				return row.Value{}, nil
			}
			return row.NewInt(n), nil
		},
		Doc: "How many elements a JSON array has; NULL for what is none.", Example: "JSON_ARRAY_LENGTH('[1, [1, [2]], 3]') = 3",
	},
	{
		Name: "JSON_ARRAY_CONTAINS", Signatures: []string{"json STRING, P -> BOOLEAN"}, TakesNull: true, Eval: jsonArrayContains,
		Doc:     "Whether a JSON array has the value, NULL being null; FALSE for what is no array.",
		Example: "JSON_ARRAY_CONTAINS('[1, 2, 3]', 3) = TRUE",
	},
	{
		Name: "JSON_CONCAT", Signatures: []string{"json STRING, STRING... -> STRING"}, Eval: jsonConcat,
		Doc:     "Objects as one object, of fields with one name the last; else arrays as one array, what is no array being an element of it; NULL where a text is no JSON.",
		Example: `JSON_CONCAT('{"a": 1}', '{"b": 2}') = '{"a":1,"b":2}'`,
	},
	{
		Name: "TO_JSON_STRING", Signatures: []string{"T -> STRING"}, TakesNull: true,
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			return row.NewString(string(row.AppendISOJSON(nil, a[0]))), nil
		},
		Doc: "The value as JSON, dates and times as ISO 8601 text; NULL is null.", Example: `TO_JSON_STRING('a"b') = '"a\"b"'`,
	},
}

// onPath is a function of a text and a path, given what is at the path. A text
// that is no JSON gives NULL.
func onPath(f func(value string, found bool) row.Value) Preparer {
	return func(constants []row.Value, _ []row.Type) (Evaluator, string) {
		var steps []string
		if c := constants[1]; !c.IsNull() {
			var ok bool
			if steps, ok = parsePath(c.Str()); !ok {
				return nil, "'" + c.Str() + "' is no path: one is $ and then .name, [0] or ['name']"
			}
		}
		return func(a []row.Value, _ row.Type) (row.Value, error) {
			path := steps
			if constants[1].IsNull() {
				var ok bool
				if path, ok = parsePath(a[1].Str()); !ok {
					return row.Value{}, ErrArgument
				}
			}
			value, ok := wholeJSON(a[0].Str())
			if !ok {
				return row.Value{}, nil
			}
			return f(follow(value, path)), nil
		}, ""
	}
}

// jsonElements is eachElement on text that may be no array; then it is false.
func jsonElements(text string, visit func(string) bool) bool {
	array, ok := wholeJSON(text)
	if !ok || jsonKind(array) != '[' {
		return false
	}
	eachElement(array, visit)
	return true
}

func jsonArrayContains(a []row.Value, _ row.Type) (row.Value, error) {
	if a[0].IsNull() {
		return row.Value{}, nil
	}
	found := false
	same := sameAsJSON(a[1])
	jsonElements(a[0].Str(), func(element string) bool {
		found = same(element)
		return !found
	})
	return row.NewBoolean(found), nil
}

// sameAsJSON returns what compares a value with one in a JSON text. A whole number is looked
// for among whole numbers, a DOUBLE among those with a point or an exponent; a
// DECIMAL is compared with any by its size.
func sameAsJSON(v row.Value) func(element string) bool {
	is := func(element string, kind byte) bool { return jsonKind(element) == kind }
	switch v.Kind() {
	case row.Null:
		return func(element string) bool { return is(element, 'n') }
	case row.String:
		return func(element string) bool { return is(element, '"') && jsonText(element) == v.Str() }
	case row.Boolean:
		return func(element string) bool { return is(element, 't') && v.Bool() || is(element, 'f') && !v.Bool() }
	case row.Int, row.Bigint:
		return func(element string) bool {
			n, err := strconv.ParseInt(element, 10, 64)
			return is(element, 0) && err == nil && n == v.Int64()
		}
	case row.Double:
		return func(element string) bool {
			f, err := strconv.ParseFloat(element, 64)
			return is(element, 0) && err == nil && strings.ContainsAny(element, ".eE") && f == v.Float64()
		}
	case row.Decimal:
		return func(element string) bool {
			d, scale, ok := numeric.ParseDecimal(element)
			return is(element, 0) && ok && scale <= row.MaxPrecision && row.Compare(row.NewDecimal(d, scale), v) == 0
		}
	}
	text := string(row.AppendISOJSON(nil, v))
	return func(element string) bool { return is(element, '"') && element == text }
}

// jsonConcat goes by PostgreSQL's || on jsonb, as ksqlDB does.
func jsonConcat(a []row.Value, _ row.Type) (row.Value, error) {
	values := make([]string, len(a))
	objects := true
	for i, v := range a {
		var ok bool
		if values[i], ok = wholeJSON(v.Str()); !ok {
			return row.Value{}, nil
		}
		objects = objects && jsonKind(values[i]) == '{'
	}
	if objects {
		return joinObjects(values)
	}
	out := []byte{'['}
	add := func(element string) bool {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, compactJSON(element)...)
		return len(out) <= MaxResult
	}
	for _, v := range values {
		if jsonKind(v) == '[' {
			eachElement(v, add)
		} else {
			add(v)
		}
		if len(out) > MaxResult {
			return row.Value{}, ErrResultSize
		}
	}
	return row.NewString(string(append(out, ']'))), nil
}

func joinObjects(objects []string) (row.Value, error) {
	type field struct{ name, value string }
	var fields []field
	at := map[string]int{}
	for _, o := range objects {
		eachField(o, func(name, value string) {
			text := jsonText(name)
			i, known := at[text]
			if !known {
				i = len(fields)
				at[text] = i
				fields = append(fields, field{name: text})
			}
			fields[i].value = value
		})
	}
	out := []byte{'{'}
	for i, f := range fields {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(row.AppendJSONString(out, f.name), ':')
		if out = append(out, compactJSON(f.value)...); len(out) > MaxResult {
			return row.Value{}, ErrResultSize
		}
	}
	return row.NewString(string(append(out, '}'))), nil
}
