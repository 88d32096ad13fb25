package gate

import (
	"fmt"
	"strings"
)

// Split is how V2's partitions shared the records of one query.
type Split struct {
	Query string
	// Records are those of the query's first stage, by partition.
	Records []int64
	// Strategy is how they were routed, Why says why in one sentence.
	Strategy, Why string
	// Unsplittable says why one partition has to hold a state of the query, "" where
	// none has to.
	Unsplittable string
}

// busy is how many partitions had records.
func (s Split) busy() (n int) {
	for _, records := range s.Records {
		if records > 0 {
			n++
		}
	}
	return n
}

// noV2 says so where the candidate is none, whatever the policy: a V1 beside V1 shows
// nothing about V2.
func noV2(_ Policy, e Evidence) string {
	if e.V2Off || e.Candidate == "V2" || e.Ledger.Records() == 0 {
		return ""
	}
	if e.Candidate == "" {
		return "the candidate does not say what it is: only a V2 can pass"
	}
	return fmt.Sprintf("the candidate is another %s, one pipeline without partitions: set processors.v2 to v2:N, with N partitions", e.Candidate)
}

// fewPartitions says which queries used too few of V2's partitions. What a single
// partition does says little about routing and merge.
func fewPartitions(p Policy, e Evidence) string {
	if e.V2Off || e.Candidate != "V2" || e.Ledger.Records() == 0 || p.MinPartitions <= 1 && len(e.Splits) > 0 {
		return ""
	}
	if len(e.Splits) == 0 {
		return "V2 does not say which of its partitions had records"
	}
	var wrong []string
	for _, s := range e.Splits {
		switch busy := s.busy(); {
		case s.Unsplittable != "":
			wrong = append(wrong, fmt.Sprintf("%s cannot be split (%s), and gate.min_partitions is %d: set gate.min_partitions: 1 if one partition is what V2 will run with",
				s.Query, s.Unsplittable, p.MinPartitions))
		case busy >= p.MinPartitions:
		case len(s.Records) < p.MinPartitions:
			wrong = append(wrong, fmt.Sprintf("V2 has %s, and gate.min_partitions is %d", plural(int64(len(s.Records)), "partition"), p.MinPartitions))
		default:
			wrong = append(wrong, fmt.Sprintf("%d of V2's %d partitions had records of %s, and gate.min_partitions is %d (routed by %s: %s)",
				busy, len(s.Records), s.Query, p.MinPartitions, s.Strategy, s.Why))
		}
	}
	return strings.Join(wrong, "; ")
}
