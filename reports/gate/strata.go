package gate

import "fmt"

// Strata are the minimums of rows that are compared of rare kinds, which a large number of
// ordinary rows says nothing about. 0 requires nothing.
type Strata struct {
	// Tombstones are rows that delete a key.
	Tombstones int64 `koanf:"tombstones" json:"tombstones,omitempty"`
	// Retractions are rows that replace an earlier row of their key by another value.
	Retractions int64 `koanf:"retractions" json:"retractions,omitempty"`
	// NullKeys are records whose key is NULL.
	NullKeys int64 `koanf:"null_keys" json:"null_keys,omitempty"`
	// Late are records that came after later ones.
	Late int64 `koanf:"late" json:"late,omitempty"`
	// Tumbling are rows in tumbling windows.
	Tumbling int64 `koanf:"window:tumbling" json:"window:tumbling,omitempty"`
	// Hopping are rows in hopping windows.
	Hopping int64 `koanf:"window:hopping" json:"window:hopping,omitempty"`
	// Session are rows in session windows.
	Session int64 `koanf:"window:session" json:"window:session,omitempty"`
}

// Stratum is a kind of rows with its minimum.
type Stratum struct {
	Name string
	Min  int64
}

// List returns all strata, by name as in the policy and in the evidence.
func (s Strata) List() []Stratum {
	return []Stratum{
		{"tombstones", s.Tombstones},
		{"retractions", s.Retractions},
		{"null_keys", s.NullKeys},
		{"late", s.Late},
		{"window:tumbling", s.Tumbling},
		{"window:hopping", s.Hopping},
		{"window:session", s.Session},
	}
}

func (s Strata) validate() error {
	for _, stratum := range s.List() {
		if stratum.Min < 0 {
			return fmt.Errorf("gate.strata.%s: %d must not be negative", stratum.Name, stratum.Min)
		}
	}
	return nil
}

// fewOfStratum checks the minimum of each declared stratum.
func fewOfStratum(p Policy, e Evidence) (wrong []finding) {
	for _, s := range p.Strata.List() {
		have := e.Strata[s.Name]
		wrong = append(wrong, atLeast("rows of stratum "+s.Name, have, s.Min, "gate.strata", rateOf(e, have, func(point) int64 { return 0 }))...)
	}
	return wrong
}
