package functions

import (
	"iter"
	"strings"

	"parallax/processors/row"
)

// splitFunctions make ARRAYs and MAPs of text.
var splitFunctions = []Function{
	{
		Name: "SPLIT", Signatures: []string{"STRING, delimiter STRING -> ARRAY<STRING>", "BYTES, delimiter BYTES -> ARRAY<BYTES>"},
		Eval: func(a []row.Value, t row.Type) (row.Value, error) {
			var list []row.Value
			each := partsOrCharacters(a[0].Str(), a[1].Str(), t.Elem.Kind)
			for part := range each {
				if len(list) == maxElements {
					return row.Value{}, ErrResultSize
				}
				list = append(list, row.NewText(t.Elem.Kind, part))
			}
			return row.NewArray(list), nil
		},
		Doc: "The parts between delimiters; each character where the delimiter is empty.", Example: "SPLIT('a/b//c', '/') = ARRAY['a', 'b', '', 'c']",
	},
	{
		Name: "SPLIT_TO_MAP", Signatures: []string{"STRING, entries STRING, pairs STRING -> MAP<STRING, STRING>"}, Eval: splitToMap,
		Doc:     "Key and value of each entry between delimiters, the last one of a key; entries without the second delimiter are left out; NULL where a delimiter is empty or both are the same.",
		Example: "SPLIT_TO_MAP('apple:=green/cherry:=red', '/', ':=') = MAP('apple' := 'green', 'cherry' := 'red')",
	},
	{
		Name: "REGEXP_EXTRACT_ALL", Signatures: []string{"pattern STRING, text STRING, [group INT] -> ARRAY<STRING>"},
		PrepareSearch: onPattern(0, extractAll),
		Doc:           "All matches of the pattern in the text or, of them, a group by number.", Example: `REGEXP_EXTRACT_ALL('(\w+) (\w+)', 'hello there nice day', 2) = ARRAY['there', 'day']`,
	},
	{
		Name: "REGEXP_SPLIT_TO_ARRAY", Signatures: []string{"text STRING, pattern STRING -> ARRAY<STRING>"},
		PrepareSearch: onPattern(1, splitAt),
		Doc:           "The parts between matches of the pattern.", Example: "REGEXP_SPLIT_TO_ARRAY('a1b22c', '[0-9]+') = ARRAY['a', 'b', 'c']",
	},
	{
		Name: "JSON_KEYS", Signatures: []string{"json STRING -> ARRAY<STRING>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			var names []string
			seen := map[string]bool{}
			if !jsonFields(a[0].Str(), func(name, _ string) {
				if !seen[name] {
					seen[name] = true
					names = append(names, name)
				}
			}) {
				return row.Value{}, nil
			}
			return texts(names), nil
		},
		Doc: "The names of a JSON object's fields, in their order; NULL for what is none.", Example: `JSON_KEYS('{"b": 1, "a": {"c": 2}}') = ARRAY['b', 'a']`,
	},
	{
		Name: "JSON_RECORDS", Signatures: []string{"json STRING -> MAP<STRING, STRING>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			var names []string
			var values []row.Value
			if !jsonFields(a[0].Str(), func(name, value string) {
				names, values = append(names, name), append(values, jsonAsText(value))
			}) {
				return row.Value{}, nil
			}
			return row.NewMap(names, values), nil
		},
		Doc: "The fields of a JSON object, texts as they say, the rest as JSON; NULL for what is none.", Example: `JSON_RECORDS('{"b": "x", "a": {"c": 2}}') = MAP('a' := '{"c":2}', 'b' := 'x')`,
	},
	{
		Name: "JSON_ITEMS", Signatures: []string{"json STRING -> ARRAY<STRING>"},
		Eval: func(a []row.Value, _ row.Type) (row.Value, error) {
			var items []string
			if !jsonElements(a[0].Str(), func(item string) bool { items = append(items, compactJSON(item)); return true }) {
				return row.Value{}, nil
			}
			return texts(items), nil
		},
		Doc: "The elements of a JSON array, as JSON; NULL for what is none.", Example: `JSON_ITEMS('[1, {"a": 2}]') = ARRAY['1', '{"a":2}']`,
	},
}

// partsOrCharacters iterates over the texts between delimiters or, if the delimiter is empty, over the characters;
// of BYTES over the bytes.
func partsOrCharacters(s, delimiter string, k row.Kind) iter.Seq[string] {
	switch {
	case delimiter != "":
		return parts(s, delimiter)
	case k == row.Bytes:
		return bytesOf(s)
	}
	return strings.SplitSeq(s, "")
}

func bytesOf(s string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range len(s) {
			if !yield(s[i : i+1]) {
				return
			}
		}
	}
}

func splitToMap(a []row.Value, _ row.Type) (row.Value, error) {
	entries, pairs := a[1].Str(), a[2].Str()
	if entries == "" || pairs == "" || entries == pairs {
		return row.Value{}, nil
	}
	var keys []string
	var values []row.Value
	for entry := range parts(a[0].Str(), entries) {
		at := Index(entry, pairs)
		if at < 0 {
			continue
		}
		key, value := entry[:at], entry[at+len(pairs):]
		if at := Index(value, pairs); at >= 0 {
			value = value[:at] // what follows a second one is ignored
		}
		if len(keys) == maxElements {
			return row.Value{}, ErrResultSize
		}
		keys, values = append(keys, key), append(values, row.NewString(value))
	}
	return row.NewMap(keys, values), nil
}

func extractAll(b *Budget, re *pattern, a []row.Value) (row.Value, error) {
	group := 0
	if len(a) == 3 {
		group = int(a[2].Int64())
	}
	switch {
	case group < 0:
		return row.Value{}, ErrArgument
	case group > re.NumSubexp():
		return row.Value{}, nil
	}
	text := a[1].Str()
	var out []row.Value
	err := re.each(b, text, func(at []int) error {
		v := row.Value{} // the group took no part
		if at[2*group] >= 0 {
			v = row.NewString(text[at[2*group]:at[2*group+1]])
		}
		out = append(out, v)
		if len(out) > maxElements {
			return ErrResultSize
		}
		return nil
	})
	return row.NewArray(out), err
}

// splitAt is Regexp.Split.
func splitAt(b *Budget, re *pattern, a []row.Value) (row.Value, error) {
	text := a[0].Str()
	if text == "" && re.text != "" {
		return texts([]string{""}), nil
	}
	var list []string
	from, end := 0, 0
	err := re.each(b, text, func(at []int) error {
		if end = at[0]; at[1] != 0 {
			list = append(list, text[from:end])
		}
		from = at[1]
		if len(list) > maxElements {
			return ErrResultSize
		}
		return nil
	})
	if end != len(text) {
		list = append(list, text[from:])
	}
	return texts(list), err
}

// jsonFields is eachField on text that may be no object; then it is false.
func jsonFields(text string, visit func(name, value string)) bool {
	object, ok := wholeJSON(text)
	if !ok || jsonKind(object) != '{' {
		return false
	}
	eachField(object, func(name, value string) { visit(jsonText(name), value) })
	return true
}

// jsonAsText returns a JSON value as a STRING: a text is its contents, null is NULL, any other value
// is its JSON.
func jsonAsText(value string) row.Value {
	switch jsonKind(value) {
	case 'n':
		return row.Value{}
	case '"':
		return row.NewString(jsonText(value))
	}
	return row.NewString(compactJSON(value))
}
