package row

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// excerptBytes is how much of a key or a value a message shows.
const excerptBytes = 40

// Shorten returns the beginning of a key or a value, for a message: errors, logs and
// reports must not grow with the data.
func Shorten[T ~string | ~[]byte](data T) string { return ShortenTo(data, excerptBytes) }

// ShortenTo is Shorten to a number of bytes.
func ShortenTo[T ~string | ~[]byte](data T, most int) string {
	if len(data) <= most {
		return string(data)
	}
	return strings.ToValidUTF8(string(data[:most]), "") + "..."
}

// Excerpt is Shorten, and quotes the text if it has characters that would not be visible.
func Excerpt[T ~string | ~[]byte](data T) string {
	text := Shorten(data)
	if text == "" || text != strings.TrimSpace(text) || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return strconv.Quote(text)
	}
	return text
}
