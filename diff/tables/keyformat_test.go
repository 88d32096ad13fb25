package tables_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"parallax/diff/tables"
)

// The format of keys is guessed from all first keys, and can be named instead.
func TestFormatsOfKeys(t *testing.T) {
	four := func(n int32) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }
	double := func(f float64) string { return big(int64(math.Float64bits(f))) }
	for _, c := range []struct {
		name  string
		keys  []string
		named string // --key-format
		want  string
		texts []string // of the keys
	}{
		{"texts", []string{"AAPL", "brk.b", "7"}, "", "string", []string{"AAPL", "brk.b", "7"}},
		{"texts of four and eight bytes", []string{"AAPL", "MSFT"}, "", "string", []string{"AAPL", "MSFT"}},
		{"INT", []string{four(5), four(-5)}, "", "int", []string{"5", "-5"}},
		{"INTs of which one is text", []string{four(5), "AAPL"}, "", "int", []string{"5", "1094799436"}},
		{"BIGINT", []string{big(1 << 40), big(-1)}, "", "bigint", []string{"1099511627776", "-1"}},
		{"DOUBLE, named", []string{double(0.5)}, "double", "double", []string{"0.5"}},
		{"quoted texts", []string{`"AAPL"`, `"MSFT"`}, "", "json", []string{"AAPL", "MSFT"}},
		{"one text that is not quoted", []string{`"AAPL"`, `MSFT`}, "", "string", []string{`"AAPL"`, "MSFT"}},
		{"windows of texts", []string{"AAPL" + big(0), "B" + big(1_700_000_000_000)}, "", "windowed-string", []string{"AAPL", "B"}},
		{"windows of JSON", []string{`"A"` + big(0)}, "", "windowed-json", []string{"A"}},
		{"sessions", []string{"A" + big(5) + big(0), "BC" + big(90_000) + big(60_000)}, "", "session-string", []string{"A", "BC"}},
		{"windows of INTs, named", []string{four(7) + big(60_000)}, "windowed-int", "windowed-int", []string{"7"}},
		{"bytes", []string{"\xff\x00", "\x01"}, "", "bytes", []string{"ff00", "01"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{topic: "l"}
			for _, key := range c.keys {
				m.records = append(m.records, tables.Record{Key: []byte(key), Value: []byte(`{"n":1}`)})
			}
			opt := tables.Options{}
			if c.named != "" {
				f, err := tables.ParseKeyFormat(c.named)
				if err != nil {
					t.Fatal(err)
				}
				opt.KeyFormat = [2]*tables.KeyFormat{&f, &f}
			}
			r := compare(t, m, m, opt)
			if got := r.Probe.Mapping[0].Format.String(); got != c.want {
				t.Fatalf("format %s, want %s", got, c.want)
			}
			if r.Identities[0] != int64(len(c.keys)) || r.Ledger[0].Undecodable != 0 {
				t.Errorf("%d keys, %v", r.Identities[0], r.Undecodable)
			}
			// The same keys as texts pair with them, where there is no window.
			if r.Windowed {
				return
			}
			texts := &memory{topic: "r"}
			for _, text := range c.texts {
				texts.records = append(texts.records, tables.Record{Key: []byte(fmt.Sprint(text)), Value: []byte(`{"n":1}`)})
			}
			str := tables.KeyFormat{Key: tables.StringKey}
			opt.KeyFormat[1] = &str
			if r := compare(t, m, texts, opt); r.Paired != int64(len(c.keys)) {
				t.Errorf("%d pair: %v and %v", r.Paired, r.Probe.Keys[0], r.Probe.Keys[1])
			}
		})
	}
	for _, text := range []string{"", "avro", "windowed", "window-string", "windowed-session-string"} {
		if f, err := tables.ParseKeyFormat(text); err == nil {
			t.Errorf("%q is %s", text, f)
		}
	}
}
