package kafka_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka"
)

func TestANoteIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := kafka.Note{
			Generation: rapid.Int64Range(1, math.MaxInt64).Draw(r, "generation"), Incarnation: rapid.StringMatching(`[0-9a-f]{1,64}`).Draw(r, "run"),
			Transaction: rapid.Int64Range(0, math.MaxInt64).Draw(r, "transaction"), Position: rapid.Int64Range(0, math.MaxInt64).Draw(r, "position"),
			Watermark: rapid.OneOf(rapid.Just(int64(row.NoWatermark)), rapid.Int64Range(0, math.MaxInt64)).Draw(r, "watermark"),
			Order:     ingest.OrderHash(rapid.Uint64().Draw(r, "order")), Finished: rapid.Bool().Draw(r, "finished"),
		}
		text := n.String()
		if again, err := kafka.ParseNote(text); err != nil || again != n {
			r.Fatalf("%+v became %s became %+v, %v", n, text, again, err)
		}
		if len(text) > 4096 {
			r.Fatalf("%d bytes", len(text))
		}
	})
}

func TestATextThatIsNoNoteIsRefused(t *testing.T) {
	good := kafka.Note{Generation: 2, Incarnation: "9f86d081884c", Transaction: 17, Position: 40960, Watermark: 1700000000000, Order: 0xabc}.String()
	if want := "parallax/1 generation=2 run=9f86d081884c txn=17 position=40960 watermark=1700000000000 order=0000000000000abc"; good != want {
		t.Errorf("%s, want %s", good, want)
	}
	for text, want := range map[string]string{
		"":                                      "no note of parallax",
		"parallax run=ab txn=3":                 "no note of parallax",
		strings.Replace(good, "/1", "/2", 1):    "use the newer program",
		strings.Replace(good, "/1", "/0", 1):    "version 0",
		strings.Replace(good, "/1", "/01", 1):   "not as parallax writes it",
		good + " ":                              "cannot be read",
		good + " done":                          "cannot be read",
		good + strings.Repeat("0", 5000):        "more than 4096",
		strings.Replace(good, "=17", "=017", 1): "not as parallax writes it",
		strings.Replace(good, "=17", "=-1", 1):  "txn is -1",
		strings.Replace(good, "generation=2", "generation=0", 1):                    "generation is 0",
		strings.Replace(good, "txn", "transaction", 1):                              "field 3 is not txn",
		strings.Replace(good, "abc", "ABC", 1):                                      "lower case",
		strings.Replace(good, "run=9f86d081884c", "run=", 1):                        "run has 0",
		strings.Replace(good, " position=40960", "", 1):                             "5 fields",
		strings.Replace(good, "position=40960", "position=99999999999999999999", 1): "position is",
	} {
		if n, err := kafka.ParseNote(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want %q", text, n, err, want)
		}
	}
}
