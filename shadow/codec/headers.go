package codec

import "parallax/processors/row"

// appendHeaders appends the needed columns that are read from a record's headers: all
// headers in order, or the last one with a name, NULL if there is none.
func appendHeaders(rec *row.Record, src *row.Source, t *row.Table) {
	for _, h := range src.Headers {
		switch c := t.Columns[h.Column]; {
		case c == nil:
		case h.All:
			c.AppendNested(allHeaders(rec.Headers))
		default:
			appendHeader(c, rec.Headers, h.Name)
		}
	}
}

func appendHeader(c *row.Vector, headers []row.Header, name string) {
	for i := len(headers) - 1; i >= 0; i-- {
		if headers[i].Key != name {
			continue
		}
		if headers[i].Value == nil {
			break
		}
		c.AppendStr(alias(headers[i].Value))
		return
	}
	c.AppendNull()
}

var headerFields = []string{"KEY", "VALUE"}

func allHeaders(headers []row.Header) row.Value {
	list := make([]row.Value, len(headers))
	for i, h := range headers {
		value := row.Value{}
		if h.Value != nil {
			value = row.NewText(row.Bytes, alias(h.Value))
		}
		list[i] = row.NewStruct(headerFields, []row.Value{row.NewString(h.Key), value})
	}
	return row.NewArray(list)
}
