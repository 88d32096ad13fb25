package evidence

import (
	"encoding/json"
	"fmt"
)

// member is a member of a JSON object: its name, and a pointer to its value.
type member struct {
	name  string
	value any
}

// members are the members of a Throughput's JSON object, in order.
func (t *Throughput) members() []member {
	c := &t.Contended
	return []member{
		{"v1_records_per_s", &t.V1.RecordsPerSecond},
		{"v2_records_per_s", &t.V2.RecordsPerSecond},
		{"ratio", &c.Value},
		{"ci95", &c.CI95},
		{"comparable", &c.Comparable},
		{"shadow_tax", &t.Tax.Value},
		{"decode_records_per_s", &t.Decoded},
		{"encode_records_per_s", &t.Encoded},
		{"not_comparable", &c.Why},
		{"batches", &c.Batches},
		{"shadow_tax_batches", &t.Tax.Held},
		{"shadow_tax_running_batches", &t.Tax.Running},
		{"shadow_tax_ci95", &t.Tax.CI95},
		{"paths", &t.Paths},
		{"censored", &t.Censored},
		{"isolated", &t.Isolated},
		{"shadow_tax_pairs", &t.Tax.Pairs},
		{"shadow_tax_p99_us_per_record", &t.Tax.P99},
	}
}

// MarshalJSON writes the throughput as the summary has it.
func (t Throughput) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, m := range t.members() {
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, "%q:%s", m.name, value)
	}
	return append(text, '}'), nil
}

// UnmarshalJSON reads the output of MarshalJSON. Fields that are missing in the summary
// stay 0.
func (t *Throughput) UnmarshalJSON(text []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	for _, m := range t.members() {
		value, ok := values[m.name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(value, m.value); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}
