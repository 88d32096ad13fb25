package row

import "bytes"

// jsonSpace is the white space of JSON (RFC 8259). Unlike that of Unicode, and of
// bytes.TrimSpace, it has no form feed and no U+00A0.
const jsonSpace = " \t\n\r"

// TrimJSON returns a JSON text without the white space around it.
func TrimJSON(text []byte) []byte { return bytes.Trim(text, jsonSpace) }
