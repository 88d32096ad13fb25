package row

import "bytes"

// jsonSpace is the white space of JSON (RFC 8259). Unlike the white space of Unicode and
// bytes.TrimSpace, it contains neither form feed nor U+00A0.
const jsonSpace = " \t\n\r"

// TrimJSON returns a JSON text without the white space around it.
func TrimJSON(text []byte) []byte { return bytes.Trim(text, jsonSpace) }
