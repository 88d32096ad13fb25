package datetime

import (
	"testing"
	"time"
)

// A text formatted by a pattern is parsed or refused by the same pattern; neither panics.
func FuzzPattern(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-03-05T15:04:09.078+01:00", int64(1_700_000_000_123))
	f.Add("[EEE, ]d MMM[M] yy G h:mm a z", "Thu, 5 Mar 26 AD 3:04 PM PST", int64(-1))
	f.Add("y-MM-dd", "+999999999-12-31", int64(253_402_300_799_999))
	f.Add("uuuuuuuuuu", "-999999999", int64(9_223_372_036_854_775_807))
	f.Add("uuuuDDDHHmmssnnnnnnnnn VV", "", int64(0))
	f.Add("QQQ O ZZZZ k K A N F", "Q1 GMT+8 GMT 1 0 0 0 1", int64(1))
	f.Fuzz(func(t *testing.T, pattern, text string, ms int64) {
		p, err := Compile(pattern)
		if err != nil {
			return
		}
		p.Parse(text, time.UTC)
		if ms > -maxMS && ms < maxMS {
			p.Parse(string(p.AppendFormat(nil, time.UnixMilli(ms).UTC())), time.UTC)
		}
	})
}
