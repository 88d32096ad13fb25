package codec

import (
	"encoding/binary"

	"parallax/processors/row"
)

// name is `,"NAME":` for a column, with its first bytes as words: a short name is stored as
// whole words, and the value overwrites the surplus.
type name struct {
	text  string
	words [3]uint64
}

const nameWords = 24 // bytes

func newName(column string) name {
	n := name{text: "," + string(row.AppendJSONString(nil, column)) + ":"}
	var b [nameWords]byte
	copy(b[:], n.text)
	for i := range n.words {
		n.words[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return n
}

func (n *name) append(dst []byte) []byte {
	at := len(dst)
	if len(n.text) > nameWords || cap(dst)-at < nameWords {
		return append(dst, n.text...)
	}
	p := dst[at : at+nameWords]
	binary.LittleEndian.PutUint64(p, n.words[0])
	binary.LittleEndian.PutUint64(p[8:], n.words[1])
	binary.LittleEndian.PutUint64(p[16:], n.words[2])
	return dst[:at+len(n.text)]
}

// appendColumns appends a comma, a name and a value for each column.
func appendColumns(dst []byte, names []name, values []row.Value) []byte {
	for i := range values {
		if n := &names[i]; n.text != "" {
			dst = row.AppendJSON(n.append(dst), values[i])
		}
	}
	return dst
}

// asObject turns the columns from from on into an object by replacing the first comma with
// a brace.
func asObject(dst []byte, from int) []byte {
	if len(dst) == from {
		return append(dst, "{}"...)
	}
	dst[from] = '{'
	return append(dst, '}')
}
