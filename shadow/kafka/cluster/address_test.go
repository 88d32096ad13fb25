package cluster

import "testing"

func TestBrokersHaveAHostAndAPort(t *testing.T) {
	for _, good := range []string{"b", "b:9092", "10.0.0.1:9092", "localhost", "[::1]:9092", "::1", "kafka.example.com:1"} {
		if err := CheckBroker(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", ":9092", "b:", "b:x", "b:65536", "b:1:2", "[::1]:x", "[]:1"} {
		if err := CheckBroker(bad); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}
