package gate

import (
	"fmt"
	"strings"

	"parallax/shadow/evidence"
)

// split is the distribution of a query's records over V2's partitions, in its first stage.
type split struct {
	evidence.Routing
}

// splitsOf returns the queries' splits. A query cannot be split if one of its stages
// cannot.
func splitsOf(e Evidence) (list []split) {
	at := map[int]int{} // in list, by query
	for _, r := range e.Routing {
		i, known := at[r.Index]
		if !known {
			at[r.Index] = len(list)
			list = append(list, split{r})
			continue
		}
		if list[i].Unsplittable == "" {
			list[i].Unsplittable = r.Unsplittable
		}
	}
	return list
}

// busy is how many partitions had records.
func (s split) busy() (n int) {
	for _, records := range s.Records {
		if records > 0 {
			n++
		}
	}
	return n
}

// noV2 applies under any policy if the candidate is V1 itself: comparing V1 with V1
// says nothing about V2.
func noV2(_ Policy, e Evidence) string {
	if e.V2Off || e.Implementation == "V2" || e.Ledger.Records() == 0 {
		return ""
	}
	if e.Implementation == "" {
		return "the candidate does not declare its kind: only a V2 can pass"
	}
	return fmt.Sprintf("the candidate is another %s, one pipeline without partitions: set processors.v2 to v2:N, with N partitions", e.Implementation)
}

// fewPartitions lists the queries that used too few of V2's partitions. A run on one
// partition hardly tests routing and merge.
func fewPartitions(p Policy, e Evidence) string {
	splits := splitsOf(e)
	if e.V2Off || e.Implementation != "V2" || e.Ledger.Records() == 0 || p.MinPartitions <= 1 && len(splits) > 0 {
		return ""
	}
	if len(splits) == 0 {
		return "V2 does not report which of its partitions had records"
	}
	var wrong []string
	for _, s := range splits {
		switch busy := s.busy(); {
		case s.Unsplittable != "":
			wrong = append(wrong, fmt.Sprintf("%s cannot be split (%s), and gate.min_partitions is %d: set gate.min_partitions: 1 if V2 will run with one partition",
				s.Output, s.Unsplittable, p.MinPartitions))
		case busy >= p.MinPartitions:
		case len(s.Records) < p.MinPartitions:
			wrong = append(wrong, fmt.Sprintf("V2 has %s, and gate.min_partitions is %d", plural(int64(len(s.Records)), "partition"), p.MinPartitions))
		default:
			wrong = append(wrong, fmt.Sprintf("%d of V2's %d partitions had records of %s, and gate.min_partitions is %d (routed by %s: %s)",
				busy, len(s.Records), s.Output, p.MinPartitions, s.Strategy, s.Why))
		}
	}
	return strings.Join(wrong, "; ")
}

func forced(_ Policy, e Evidence) string {
	for _, r := range e.Routing {
		if r.Forced {
			return fmt.Sprintf("V2 was forced to split state, which is an experiment and never a pass: %s is routed by %s, %s", r.Query, r.Strategy, r.Why)
		}
	}
	return ""
}
