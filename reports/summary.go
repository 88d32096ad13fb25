// Package reports renders what a run showed, for machines and for people. It
// decides nothing: verdicts come from gate.
package reports

import (
	"encoding/json"
	"fmt"

	"parallax/diff"
)

// Summary is a run in one JSON line: the field names and their order are a
// contract with other programs.
type Summary struct {
	Job         string           `json:"job"`
	Verdict     string           `json:"verdict"`
	Code        int              `json:"code"`
	Reason      string           `json:"reason"`
	Records     int64            `json:"records"`
	Ledger      diff.Ledger      `json:"ledger"`
	Late        int64            `json:"late"`
	BrokerGaps  int64            `json:"broker_gaps"`
	Outputs     Outputs          `json:"outputs"`
	LevelHeld   diff.Level       `json:"level_held"`
	Divergences Divergences      `json:"divergences"`
	Signatures  []diff.Signature `json:"signatures"`
	Throughput  Throughput       `json:"throughput"`
	V2          V2               `json:"v2"`
	Report      string           `json:"report"`
}

// Outputs counts rows.
type Outputs struct {
	V1                int64 `json:"v1"`
	V2Raw             int64 `json:"v2_raw"`
	V2Merged          int64 `json:"v2_merged"`
	MergeDeduplicated int64 `json:"merge_deduplicated"`
	MergeReordered    int64 `json:"merge_reordered"`
}

// Divergences counts what differs at the required level.
type Divergences struct {
	Root    int64                `json:"root"`
	Cascade int64                `json:"cascade"`
	ByClass map[diff.Class]int64 `json:"by_class"`
}

// Throughput is in records a second; null where it was not measured.
type Throughput struct {
	V1               *float64    `json:"v1_records_per_s"`
	V2               *float64    `json:"v2_records_per_s"`
	Ratio            *float64    `json:"ratio"`
	CI95             *[2]float64 `json:"ci95"`
	Comparable       bool        `json:"comparable"`
	ShadowTax        *float64    `json:"shadow_tax"`
	DecodeRecordsPer *float64    `json:"decode_records_per_s"`
	EncodeRecordsPer *float64    `json:"encode_records_per_s"`
}

// V2 says what V2 was and what its partitions did.
type V2 struct {
	Partitions []Partition `json:"partitions"`
	Strategy   string      `json:"strategy"`
}

// Partition is the work of one of V2's.
type Partition struct {
	Records int64   `json:"records"`
	Keys    int64   `json:"keys"`
	BusyMS  float64 `json:"busy_ms"`
}

// JSON returns the summary's line, without its end.
func (s Summary) JSON() ([]byte, error) {
	if s.Signatures == nil {
		s.Signatures = []diff.Signature{}
	}
	if s.Divergences.ByClass == nil {
		s.Divergences.ByClass = map[diff.Class]int64{}
	}
	if s.V2.Partitions == nil {
		s.V2.Partitions = []Partition{}
	}
	line, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write the summary: %w", err)
	}
	return line, nil
}
