package tables

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// KeyFormat is how a record's key is written: the key itself, and the window behind it in
// the keys of windowed tables of Kafka Streams.
type KeyFormat struct {
	Key    Encoding
	Window Windowing
}

// Encoding is how a key is written.
type Encoding string

// The encodings.
const (
	NoKey     Encoding = "none"
	JSONKey   Encoding = "json"
	StringKey Encoding = "string"
	IntKey    Encoding = "int"    // 4 bytes, big-endian
	BigintKey Encoding = "bigint" // 8 bytes, big-endian
	DoubleKey Encoding = "double" // 8 bytes, big-endian
	BytesKey  Encoding = "bytes"  // anything else, compared as bytes
)

// Windowing is how a window follows a key.
type Windowing string

// The windowings.
const (
	NoWindow      Windowing = ""
	TimeWindow    Windowing = "windowed" // 8 bytes: the start
	SessionWindow Windowing = "session"  // 16 bytes: the end and the start
)

var encodings = []Encoding{NoKey, JSONKey, StringKey, IntKey, BigintKey, DoubleKey, BytesKey}

// ParseKeyFormat reads a format such as string, windowed-json or session-string.
func ParseKeyFormat(text string) (f KeyFormat, err error) {
	rest := strings.ToLower(strings.TrimSpace(text))
	for _, w := range []Windowing{TimeWindow, SessionWindow} {
		if after, ok := strings.CutPrefix(rest, string(w)+"-"); ok {
			f.Window, rest = w, after
			break
		}
	}
	for _, e := range encodings {
		if rest == string(e) {
			f.Key = e
			return f, nil
		}
	}
	return f, fmt.Errorf("%q is not a key format: use none, json, string, int, bigint, double or bytes, with windowed- or session- before it for keys of Kafka Streams", text)
}

func (f KeyFormat) String() string {
	if f.Window == NoWindow {
		return string(f.Key)
	}
	return string(f.Window) + "-" + string(f.Key)
}

// guessKeyFormat returns the format that all keys can have, the most specific first: text
// never ends in the bytes of a window, which begin with zeros.
func guessKeyFormat(keys [][]byte) KeyFormat {
	all := func(is func([]byte) bool) bool {
		for _, k := range keys {
			if !is(k) {
				return false
			}
		}
		return true
	}
	if len(keys) == 0 {
		return KeyFormat{Key: NoKey}
	}
	if all(isText) {
		return KeyFormat{Key: guessText(keys)}
	}
	for _, w := range []Windowing{SessionWindow, TimeWindow} {
		inner := make([][]byte, 0, len(keys))
		if all(func(k []byte) bool {
			key, _, ok := cutWindow(k, w)
			inner = append(inner, key)
			return ok && isText(key)
		}) {
			return KeyFormat{guessText(inner), w}
		}
	}
	length := len(keys[0])
	if all(func(k []byte) bool { return len(k) == length }) {
		switch length {
		case 4:
			return KeyFormat{Key: IntKey}
		case 8:
			return KeyFormat{Key: BigintKey}
		}
	}
	return KeyFormat{Key: BytesKey}
}

// guessText returns json if all keys are objects or quoted, and string otherwise: a number
// is the same key in both.
func guessText(keys [][]byte) Encoding {
	for _, k := range keys {
		if first := strings.TrimLeft(string(k), " \t\r\n"); first == "" || first[0] != '{' && first[0] != '"' || !json.Valid(k) {
			return StringKey
		}
	}
	return JSONKey
}

// isText reports whether a key is printable text.
func isText(key []byte) bool {
	if len(key) == 0 || !utf8.Valid(key) {
		return false
	}
	for _, r := range string(key) {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// latestWindow is the latest time that the bytes of a window can plausibly mean: the year
// 2286.
const latestWindow = 10_000_000_000_000

// cutWindow splits a key into the key and its window. The end is 0 if it is not known.
func cutWindow(key []byte, w Windowing) (rest []byte, window Window, ok bool) {
	size := 8
	if w == SessionWindow {
		size = 16
	}
	at := len(key) - size
	if at < 0 {
		return nil, window, false
	}
	window.Start = int64(binary.BigEndian.Uint64(key[len(key)-8:]))
	if w == SessionWindow {
		window.End = int64(binary.BigEndian.Uint64(key[at:]))
		ok = window.End >= window.Start
	} else {
		ok = true
	}
	return key[:at], window, ok && window.Start >= 0 && window.Start < latestWindow && window.End < latestWindow
}

// scalar returns the text of a key that is not JSON. Numbers have the same text in every
// format.
func (e Encoding) scalar(key []byte) (string, error) {
	switch {
	case e == StringKey && utf8.Valid(key):
		return string(key), nil
	case e == IntKey && len(key) == 4:
		return strconv.Itoa(int(int32(binary.BigEndian.Uint32(key)))), nil
	case e == BigintKey && len(key) == 8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(key)), 10), nil
	case e == DoubleKey && len(key) == 8:
		return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(key)), 'g', -1, 64), nil
	case e == BytesKey:
		return fmt.Sprintf("%x", key), nil
	}
	return "", fmt.Errorf("the key of %d bytes is not a %s", len(key), e)
}
