package bench

import (
	"os"
	"strings"
	"testing"

	"parallax/shadow/workload"
)

// A complete run with a broker writes the rows that V1 produces without one.
func TestARunAgainstABrokerWritesV1sRows(t *testing.T) {
	embedded, stop, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	all := []Brokers{embedded}
	if seeds := os.Getenv("KAFKA_SEEDS"); seeds != "" {
		all = append(all, External(strings.Split(seeds, ",")))
	}
	s, err := lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	const records = 2000
	want := output{check: true}
	if err := s.floor(NewInput(s.data, workload.Options{Records: records, Seed: 1}), records, &want); err != nil {
		t.Fatal(err)
	}
	for _, at := range all {
		doc := &Document{}
		if err := RunKafka(t.Context(), "3b", at, Options{Records: records, Rounds: 1}, doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.Results) != len(kafkaPaths) {
			t.Fatalf("%s: %d results", at.Name, len(doc.Results))
		}
		for _, r := range doc.Results {
			switch {
			case r.Differs != "" || r.Rows != records || r.Broker != at.Name:
				t.Errorf("%s: %+v", r.Path, r)
			case r.Path != "kafka-plain" && r.Checksum != want.checksum():
				t.Errorf("%s: checksum %s, and the floor's is %s", r.Path, r.Checksum, want.checksum())
			case r.Path != "kafka-plain" && r.RatioTo["kafka-plain"] == 0:
				t.Errorf("%s is not held against the plain loop", r.Path)
			case strings.HasPrefix(r.Path, "kafka-v1") && r.RatioTo["kafka-floor"] == 0:
				t.Errorf("%s is not held against the floor", r.Path)
			case r.Path == "kafka" && r.RatioTo["kafka-v1"] == 0:
				t.Errorf("%s is not held against V1 alone", r.Path)
			}
		}
	}
}

func TestAJobThatWritesOtherRowsHasNoFigure(t *testing.T) {
	want := output{rows: 10, sum: 7}
	k := &kafkaCourse{s: &scenario{id: "3b"}, in: &Input{Values: make([][]byte, 10)}}
	right := []kafkaTurn{{records: 10, rows: 10, transactions: 1, took: 5}}
	for what, l := range map[string]*kafkaLane{
		"another checksum": {name: "kafka", got: output{rows: 10, sum: 8}, turns: right},
		"a row less":       {name: "kafka", got: output{rows: 9, sum: 7}, turns: right},
		"a later round":    {name: "kafka", got: want, turns: []kafkaTurn{right[0], {records: 10, rows: 11, transactions: 1}}},
		"a lost copy":      {name: "kafka-plain", got: output{rows: 9}, turns: right},
	} {
		if r := k.results([]*kafkaLane{l}, want)[0]; r.Differs == "" || r.NsPerRecord != nil {
			t.Errorf("%s: %+v", what, r)
		}
	}
}
