// Package soak makes an endless input that mixes valid records with records that try to
// break a processor. It is for tests that run for minutes. The golden files define the
// result for single values.
//
// Stability: ours.
package soak

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Script is a script over Records' topics: windows of each kind, a join, EXPLODE, and
// functions whose cost depends on the data.
const Script = `
CREATE STREAM s (k STRING KEY, at BIGINT, n BIGINT, d DOUBLE, p DECIMAL(20,4), txt STRING, pat STRING, arr ARRAY<BIGINT>)
  WITH (kafka_topic='s', key_format='KAFKA', value_format='JSON', timestamp='at');
CREATE TABLE tum AS SELECT k, COUNT(*) AS c, SUM(n) AS s, MAX(p) AS m, AVG(d) AS a FROM s WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 1 SECOND) GROUP BY k EMIT CHANGES;
CREATE TABLE hop AS SELECT k, COUNT(*) AS c, MIN(n) AS lo, LATEST_BY_OFFSET(txt) AS t FROM s WINDOW HOPPING (SIZE 4 SECONDS, ADVANCE BY 1 SECOND, GRACE PERIOD 0 SECONDS) GROUP BY k EMIT FINAL;
CREATE TABLE ses AS SELECT k, COUNT(*) AS c, SUM(d) AS s FROM s WINDOW SESSION (300 MILLISECONDS, GRACE PERIOD 200 MILLISECONDS) GROUP BY k EMIT CHANGES;
CREATE STREAM fun AS SELECT k, txt LIKE pat AS l, INSTR(txt, pat) AS i, JSON_KEYS(txt) AS j, JSON_ARRAY_LENGTH(txt) AS z, n * n AS q, ARRAY_LENGTH(arr) AS al, UCASE(pat) AS u FROM s;
CREATE STREAM x AS SELECT k, EXPLODE(arr) AS e FROM s WHERE ARRAY_LENGTH(arr) < 50;
CREATE STREAM j AS SELECT a.k AS k, a.n AS an, b.p AS bp FROM s a JOIN s b WITHIN 50 MILLISECONDS GRACE PERIOD 100 MILLISECONDS ON a.k = b.k;
`

// Records is an endless io.Reader of input records, one on each line, until Stop. Event
// time advances. The same seed gives the same lines.
type Records struct {
	rng *rand.Rand
	now int64
	// ends lets event times at the ends of their range through, after which all else
	// is late: for short inputs.
	ends    bool
	made    int64
	stopped bool
	pending []byte
}

// New returns the records of a seed. With ends some have event times at the ends of
// the range, and the rest of the input is late for most windows.
func New(seed uint64, ends bool) *Records {
	return &Records{rng: rand.New(rand.NewPCG(seed, 13)), now: 1_700_000_000_000, ends: ends}
}

// Stop ends the input after the line that is being read.
func (r *Records) Stop() { r.stopped = true }

// Read implements io.Reader.
func (r *Records) Read(p []byte) (int, error) {
	if len(r.pending) == 0 {
		if r.stopped {
			return 0, io.EOF
		}
		r.pending = []byte(r.Line() + "\n")
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

// Line returns the next record.
func (r *Records) Line() string {
	r.made++
	r.now += r.rng.Int64N(40)
	own, at := r.now, strconv.FormatInt(r.now-r.rng.Int64N(1_500), 10)
	switch r.rng.IntN(25) {
	case 0:
		at = pick(r, "9223372036854775807", "-9223372036854775808", "-1", "253402300800000", "null", `"x"`, "1e400")
	case 1:
		own = 0
	case 2:
		if r.ends && r.made > 100 {
			own, at = 0, pick(r, "0", "253402300799999")
			if at != "0" {
				own = 253_402_300_799_999
			}
		}
	}
	return fmt.Sprintf(`{"timestamp":%d,"key":%s,"value":%s}`, own, r.key(), r.value(at))
}

func pick[T any](r *Records, list ...T) T { return list[r.rng.IntN(len(list))] }

// key returns one of a few keys; some of them are invalid.
func (r *Records) key() string {
	if r.rng.IntN(12) > 0 {
		return fmt.Sprintf(`"k%d"`, r.rng.IntN(100))
	}
	return pick(r, "null", `""`, `"\u0000"`, `"\u001b[31mred"`, `"a\u0000b"`, `"\ud800"`, `"\\N"`, escaped("\xff\xfe"), escaped("k\xc3"), `"`+strings.Repeat("long", 500)+`"`)
}

func escaped(text string) string {
	return `{"$bytes":"` + base64.StdEncoding.EncodeToString([]byte(text)) + `"}`
}

func (r *Records) value(at string) string {
	switch r.rng.IntN(60) {
	case 0:
		return "null"
	case 1:
		return escaped(pick(r, "{", "", "\x00", `{"at":`+at+`}}`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 5_000), "{\"txt\":\"\xff\"}"))
	}
	return fmt.Sprintf(`{"at":%s,"n":%s,"d":%s,"p":%s,"txt":%s,"pat":%s,"arr":%s}`, at,
		r.rare("9223372036854775807", "-9223372036854775808", "1e30", "1.5", "null", strings.Repeat("9", 3_000)).or(strconv.Itoa(r.rng.IntN(1_000))),
		r.rare(`"NaN"`, `"Infinity"`, "1e308", "5e-324", "-0.0").or("1.25"),
		r.rare("9999999999999999.9999", "99999999999999999", "0.00001", "null").or("12.5"),
		r.rare(`"`+strings.Repeat("ab", 20_000)+`"`, `"\u0000\u001b]0;x\u0007"`, `"{\"a\":{\"b\":[1,2]}}"`, `"[1,[2,[3]]]"`, `"\ud83d"`, `"`+strings.Repeat("[", 10_000)+`"`).or(`"text"`),
		r.rare(`"`+strings.Repeat("%a", 200)+`%b"`, `"%_%_%_%"`, `"\\"`, `""`, `"`+strings.Repeat("ab", 5_000)+`c"`).or(`"te%"`),
		r.rare("["+strings.Repeat("1,", 20_000)+"1]", "[null]", "[[1]]", "[]", "[9223372036854775808]").or("[1,2,3]"),
	)
}

// rare is a choice that is taken now and then.
type rare struct {
	taken bool
	text  string
}

func (r *Records) rare(list ...string) rare { return rare{r.rng.IntN(20) == 0, pick(r, list...)} }

func (c rare) or(usual string) string {
	if c.taken {
		return c.text
	}
	return usual
}
