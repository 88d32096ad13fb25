package codec

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"parallax/processors/row"
)

// AppendRecord appends an input record as a line of "records in", without a line end.
// Reading the line for the same source gives the same bytes: they are written as JSON or
// text if possible, otherwise as {"$bytes":"base64"}. If the source is nil, the key is
// text.
func AppendRecord(dst []byte, r *row.Record, src *row.Source) []byte {
	dst = appendPlace(append(dst, '{'), r)
	dst = append(dst, `,"timestamp":`...)
	dst = strconv.AppendInt(dst, r.Timestamp, 10)
	if r.Key != nil {
		dst = append(dst, `,"key":`...)
		dst = appendReadable(dst, r.Key, src, true)
	}
	dst = append(dst, `,"value":`...)
	if r.Value == nil {
		dst = append(dst, "null"...)
	} else {
		dst = appendReadable(dst, r.Value, src, false)
	}
	if len(r.Headers) > 0 {
		dst = append(dst, `,"headers":{`...)
		for i, h := range r.Headers {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = row.AppendJSONString(dst, h.Key)
			dst = append(dst, ':')
			if h.Value == nil {
				dst = append(dst, "null"...)
			} else {
				dst = appendPlain(dst, h.Value)
			}
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// appendPlace appends "topic":..,"partition":..,"offset":...
func appendPlace(dst []byte, r *row.Record) []byte {
	dst = append(dst, `"topic":`...)
	dst = row.AppendJSONString(dst, r.Topic)
	dst = append(dst, `,"partition":`...)
	dst = strconv.AppendInt(dst, int64(r.Partition), 10)
	dst = append(dst, `,"offset":`...)
	return strconv.AppendInt(dst, r.Offset, 10)
}

// appendReadable appends a key or value as its source's format reads it.
func appendReadable(dst, b []byte, src *row.Source, key bool) []byte {
	format, kind := row.FormatJSON, row.String
	switch {
	case key && src == nil:
		format = row.FormatString
	case key:
		format = src.KeyFormat
	case src != nil:
		format = src.Format
	}
	if format == row.FormatKafka {
		for i, c := range src.Columns {
			if key && src.Key[i] || !key && src.InValue(i) {
				kind = c.Type.Kind
			}
		}
	}
	switch {
	case format == row.FormatJSON:
		if isWhole(b) && string(b) != "null" {
			return append(dst, b...)
		}
		return appendBytes(dst, b)
	case kind == row.Int && len(b) == 4:
		return strconv.AppendInt(dst, int64(int32(binary.BigEndian.Uint32(b))), 10)
	case kind == row.Bigint && len(b) == 8:
		return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(b)), 10)
	case kind == row.Double && len(b) == 8:
		if f := math.Float64frombits(binary.BigEndian.Uint64(b)); f-f == 0 { // finite
			return row.AppendJSON(dst, row.NewDouble(f))
		}
		return appendBytes(dst, b)
	case kind == row.Int, kind == row.Bigint, kind == row.Double:
		return appendBytes(dst, b)
	}
	return appendPlain(dst, b)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// appendPlain appends bytes as a string where they are text that a person would
// type.
func appendPlain(dst, b []byte) []byte {
	for _, c := range b {
		if c < ' ' {
			return appendBytes(dst, b)
		}
	}
	if !utf8.Valid(b) {
		return appendBytes(dst, b)
	}
	return row.AppendJSONString(dst, string(b))
}

func appendBytes(dst, b []byte) []byte {
	dst = append(dst, `{"$bytes":`...)
	dst = appendBase64(dst, b)
	return append(dst, '}')
}

// isWhole reports whether bytes are JSON that survives reading and writing unchanged.
func isWhole(b []byte) bool {
	return json.Valid(b) && utf8.Valid(b) && !bytes.ContainsAny(b, "\n\r") && !bytes.Contains(b, []byte(`"$bytes"`)) &&
		!isBlank(b[0]) && !isBlank(b[len(b)-1])
}
