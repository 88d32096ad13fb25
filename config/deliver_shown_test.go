package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestTheEffectiveConfigurationHasNoURLOfAWebhook(t *testing.T) {
	text := "job: j\nkafka: {brokers: [\"localhost:9092\"], group: g}\nsql: CREATE STREAM s (a INT) WITH (kafka_topic='s', value_format='JSON'); CREATE STREAM o AS SELECT a FROM s;\n" +
		"reports:\n  schedule: \"17 3 * * *\"\n  deliver:\n    - webhook: https://user:s3cret@chat.example/T000/TOKEN\n"
	l, err := Parse("job.yaml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := fmt.Sprint(l.Effective())
	if strings.Contains(shown, "s3cret") || strings.Contains(shown, "TOKEN") || !strings.Contains(shown, "chat.example") {
		t.Error(shown)
	}
}
