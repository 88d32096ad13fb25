package ingest_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

type taken struct {
	at     row.TopicPartition
	offset int64
}

func hashOf(list []taken) (h ingest.OrderHash) {
	for _, one := range list {
		h = h.Take(ingest.OrderKeyOf(one.at), one.offset)
	}
	return h
}

func TestTheOrderHashDiffersWhereRecordsOrTheirOrderDo(t *testing.T) {
	record := rapid.Custom(func(r *rapid.T) taken {
		at := row.TopicPartition{Topic: rapid.SampledFrom([]string{"a", "b", "a1"}).Draw(r, "topic"), Partition: rapid.Int32Range(0, 20).Draw(r, "partition")}
		return taken{at, rapid.Int64Range(0, 1<<40).Draw(r, "offset")}
	})
	lists := rapid.SliceOfN(record, 0, 12)
	rapid.Check(t, func(r *rapid.T) {
		a, b := lists.Draw(r, "one"), lists.Draw(r, "other")
		switch n := len(a); rapid.SampledFrom([]string{"as drawn", "swapped", "less", "moved"}).Draw(r, "how") {
		case "swapped":
			b = append([]taken(nil), a...)
			if n > 1 {
				i := rapid.IntRange(0, n-2).Draw(r, "at")
				b[i], b[i+1] = b[i+1], b[i]
			}
		case "less":
			b = a[:n/2]
		case "moved":
			b = append([]taken(nil), a...)
			if n > 0 {
				b[n-1].offset++
			}
		}
		same := len(a) == len(b)
		for i := 0; same && i < len(a); i++ {
			same = a[i] == b[i]
		}
		if (hashOf(a) == hashOf(b)) != same {
			r.Fatalf("%v has hash %v, %v has hash %v", a, hashOf(a), b, hashOf(b))
		}
	})
}

// The hash is in notes and files of earlier versions: its values do not change.
func TestTheOrderHashIsWhatItWas(t *testing.T) {
	list := []taken{{row.TopicPartition{Topic: "trades", Partition: 3}, 7}, {row.TopicPartition{Topic: "quotes"}, 1 << 40}}
	if got := hashOf(list).String(); got != "807aa288d8267d30" {
		t.Error(got)
	}
}

func TestTheTextOfAnOrderHashIsReadStrictly(t *testing.T) {
	h := hashOf([]taken{{row.TopicPartition{Topic: "t"}, 5}})
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var again ingest.OrderHash
	if err := json.Unmarshal(text, &again); err != nil || again != h {
		t.Errorf("%v became %s became %v, %v", h, text, again, err)
	}
	for _, bad := range []string{``, `12`, `0123456789abcdeg`, `0123456789ABCDEF`, `0123456789abcdef0`, `+123456789abcdef`} {
		if err := again.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, again)
		}
	}
}
