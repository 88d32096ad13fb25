package topics_test

import (
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/diff"
	"parallax/diff/tables"
	"parallax/shadow/kafka"
	"parallax/shadow/topics"
)

// A comparison sends only requests that read: none that joins a group, commits, writes, or
// changes a topic.
func TestOnlyRequestsThatReadAreSent(t *testing.T) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "v1", "v2"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	writer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	for _, topic := range []string{"v1", "v2"} {
		if err := writer.ProduceSync(t.Context(), record(topic, 0, "a", `{"n":1}`)).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	writer.Close()

	var mu sync.Mutex
	sent := map[string]int{}
	cluster.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		mu.Lock()
		defer mu.Unlock()
		cluster.KeepControl()
		sent[kmsg.NameForKey(r.Key())]++
		return nil, nil, false
	})
	cfg := kafka.DefaultConfig()
	cfg.Brokers = cluster.ListenAddrs()
	var sides [2]*topics.Topic
	for i, topic := range []string{"v1", "v2"} {
		if sides[i], err = topics.Open(t.Context(), cfg, topic); err != nil {
			t.Fatal(err)
		}
	}
	res, err := tables.Compare(t.Context(), sides[0], sides[1], tables.Options{Memory: 1 << 20})
	if err != nil || !res.Holds(diff.E6) {
		t.Fatalf("%v, %s", err, res.LevelHeld())
	}
	reads := map[string]bool{"ApiVersions": true, "Metadata": true, "ListOffsets": true, "Fetch": true}
	mu.Lock()
	defer mu.Unlock()
	for name, n := range sent {
		if !reads[name] {
			t.Errorf("%d requests of %s", n, name)
		}
	}
	if sent["Fetch"] == 0 || sent["ListOffsets"] == 0 {
		t.Errorf("requests %v", sent)
	}
}
