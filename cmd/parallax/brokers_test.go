package main

import (
	"os"
	"strings"
	"testing"

	"parallax/shadow/embedded"
)

// onBrokers runs a test on the embedded broker and, where KAFKA_SEEDS names one,
// on Apache Kafka as well.
func onBrokers(t *testing.T, test func(t *testing.T, seeds []string)) {
	t.Run("embedded", func(t *testing.T) {
		b, err := embedded.Start(embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Stop)
		test(t, b.Addrs())
	})
	if seeds := os.Getenv("KAFKA_SEEDS"); seeds != "" {
		t.Run("apache", func(t *testing.T) { test(t, strings.Split(seeds, ",")) })
	}
}
