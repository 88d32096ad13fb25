// Package route decides which of V2's partitions processes a record. A strategy is correct
// for a query if all records that share state go to the same partition; only this package
// decides which strategies are.
//
// It neither runs anything nor derives keys from SQL: the planner derives the key and the
// caller compiles it.
//
// Stability: ours.
package route

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"parallax/processors/row"
)

// Strategy is the name of a way to route, as in a job file. The zero value is Auto.
type Strategy string

// Auto selects by the query: the hash of its key; round robin without state; fan in for
// state that cannot be split.
const Auto Strategy = "auto"

// strategy is a way to route. Each one has its own file. To add one, write its file and add
// it to strategies.
type strategy struct {
	name    Strategy
	aliases []Strategy
	// why is one sentence on what it does for a query for which it is correct.
	why string
	// needs says which queries it is correct for. refuse returns why it is not correct for
	// a query, "" if it is.
	needs  string
	refuse func(Need) string
	// pick returns the partition of record i, given the hash of its key if hashes is true.
	// If it is nil, the hash alone decides.
	pick func(r *Router, b *row.Batch, i int, hash uint64) int
	// place returns the partition for restored state: the one that pick gives the records
	// of that state. It is nil if the strategy cannot tell.
	place func(r *Router, hash uint64, source int32) int
	// hashes: pick needs the hash of the key.
	hashes bool
}

// strategies are all strategies except Auto.
var strategies = []*strategy{&alwaysHash, &smartRepartition, &stickyPartition, &roundRobin, &fanIn}

// Strategies returns all names, for messages and validation.
func Strategies() []Strategy {
	names := []Strategy{Auto}
	for _, s := range strategies {
		names = append(names, s.name)
	}
	return names
}

// ErrSplitsState is the error for a strategy that would distribute one piece of a query's
// state over several partitions.
var ErrSplitsState = errors.New("would split the query's state")

// ParseStrategy reads a strategy's name or short name, trimmed and in any case.
func ParseStrategy(text string) (Strategy, error) {
	word := Strategy(strings.ToLower(strings.TrimSpace(text)))
	if word == Auto {
		return Auto, nil
	}
	known := []string{string(Auto)}
	for _, s := range strategies {
		if word == s.name || slices.Contains(s.aliases, word) {
			return s.name, nil
		}
		known = append(known, string(s.name))
	}
	return "", fmt.Errorf("unknown partitioning strategy: %q (write one of %s)", text, strings.Join(known, ", "))
}

// Key returns the split key of record i. The result is valid until the next call.
type Key func(b *row.Batch, i int) []row.Value

// Hash sets dst[i] to row.Hash of the split key, for each decoded record of the query's
// source.
type Hash func(dst []uint64, b *row.Batch)

// Need describes a query as far as routing depends on it.
type Need struct {
	// Key is nil if the query has no split key. Hash computes its hash for all records of a
	// batch.
	Key  Key
	Hash Hash
	// Stateless: any routing is correct.
	Stateless bool
	// SourceKeyed: records with equal split keys come from one source topic-partition,
	// because the source's key is part of the split key.
	SourceKeyed bool
}

// Router routes the records of one query to n partitions. It has scratch space, so use it
// on one goroutine. The partition of a record depends on the record and its position only,
// never on its batch.
type Router struct {
	strategy *strategy
	n        int
	key      Key
	hash     Hash
	forced   string // why the strategy is wrong, where it was forced
	assigned map[string]int
	scratch  []byte
}

// New returns the router of a query for n partitions. A strategy that would split its state
// is refused with ErrSplitsState. force uses it nevertheless, for experiments with
// knowingly wrong results.
func New(name Strategy, n int, need Need, force bool) (*Router, error) {
	if name == "" || name == Auto {
		name = choose(need)
	}
	i := slices.IndexFunc(strategies, func(s *strategy) bool { return s.name == name })
	if i < 0 {
		_, err := ParseStrategy(string(name))
		return nil, err
	}
	s := strategies[i]
	if s == &smartRepartition && (need.SourceKeyed || need.Stateless) {
		s = &smartSticky
	}
	r := &Router{strategy: s, n: n, key: need.Key, hash: need.Hash}
	if reason := s.refuse(need); reason != "" {
		if !force || s.hashes && need.Key == nil {
			return nil, &refusal{s, reason, need.Stateless}
		}
		r.forced = reason
	}
	return r, nil
}

// refusal says why a strategy cannot be used for a query. It is an ErrSplitsState unless
// the query has no state.
type refusal struct {
	strategy  *strategy
	reason    string
	stateless bool
}

func (e *refusal) Error() string {
	what := ErrSplitsState.Error()
	if e.stateless {
		what = "is not for this query"
	}
	return fmt.Sprintf("partitioning strategy %s %s: it %s; use %s", e.strategy.name, what, Reason(e), Auto)
}

func (e *refusal) Is(target error) bool { return target == ErrSplitsState && !e.stateless }

// Reason returns what a refused strategy needs and why the query does not provide it. For
// any other error it returns the error's text.
func Reason(err error) string {
	if e, ok := errors.AsType[*refusal](err); ok {
		return "needs " + e.strategy.needs + ", and " + e.reason
	}
	return err.Error()
}

// choose returns the strategy for Auto.
func choose(need Need) Strategy {
	switch {
	case need.Stateless:
		return roundRobin.name
	case need.Key != nil:
		return alwaysHash.name
	}
	return fanIn.name
}

// Assigned returns a router with an explicit table from encoded keys (row.AppendKey) to
// partitions. With a known set of keys such a table balances the partitions by hand. A key
// that is not in the table is hashed.
func Assigned(table map[string]int, n int, need Need) (*Router, error) {
	if need.Key == nil {
		return nil, errors.New("an explicit assignment needs a split key")
	}
	for k, p := range table {
		if p < 0 || p >= n {
			return nil, fmt.Errorf("key %q is assigned to partition %d of %d", k, p, n)
		}
	}
	return &Router{strategy: &byTable, n: n, key: need.Key, hash: need.Hash, assigned: table}, nil
}

// byTable is the strategy of Assigned.
var byTable = strategy{
	name: "assigned", why: "by a table of keys", hashes: true,
	pick: func(r *Router, b *row.Batch, i int, hash uint64) int {
		r.scratch = row.AppendKey(r.scratch[:0], r.key(b, i)...)
		if p, ok := r.assigned[string(r.scratch)]; ok {
			return p
		}
		return r.hashed(hash)
	},
}

// Strategy returns the name of the router's strategy.
func (r *Router) Strategy() Strategy { return r.strategy.name }

// Why returns one sentence on what the router does and why that is correct, or why it is
// wrong if it was forced.
func (r *Router) Why() string {
	if r.forced != "" {
		return "forced, though it splits the query's state: it needs " + r.strategy.needs + ", and " + r.forced
	}
	return r.strategy.why
}

// Forced reports whether the strategy is wrong for the query.
func (r *Router) Forced() bool { return r.forced != "" }

// Hashes reports whether Route hashes the keys.
func (r *Router) Hashes() bool { return r.strategy.hashes }

// Route sets which[i] to the partition of record i, in [0, n), and to -1 for records that
// are undecodable or of another source. If the strategy hashes keys, it also sets hashes[i]
// to row.Hash of the split key. Both slices have an element for each record.
func (r *Router) Route(b *row.Batch, source int32, which []int32, hashes []uint64) {
	if r.strategy.hashes {
		r.hash(hashes, b)
	}
	pick := r.strategy.pick
	for i := range which {
		which[i] = -1
		if rec := b.Record(i); rec.Source == source && rec.State != row.Undecodable {
			if pick == nil {
				which[i] = int32(r.hashed(hashes[i]))
			} else {
				which[i] = int32(pick(r, b, i, hashes[i]))
			}
		}
	}
}

// Place returns the partition for restored state, given row.Hash of its key and the number
// of its source topic-partition. ok is false if the strategy cannot tell.
func (r *Router) Place(hash uint64, source int32) (partition int, ok bool) {
	if r.strategy.place == nil || r.forced != "" {
		return 0, false
	}
	return r.strategy.place(r, hash, source), true
}

// hashed returns the partition for a hash.
func (r *Router) hashed(hash uint64) int { return Hashed(hash, r.n) }

// Hashed returns the partition, of n, to which always_hash sends a key with this row.Hash.
// All bits of the hash are good, but only the ones in the middle decide: with equal low
// bits, the keys of one partition would collide in its tables, and the keys of a sample
// have equal high bits.
func Hashed(hash uint64, n int) int {
	p, _ := bits.Mul64(bits.RotateLeft64(hash, 28), uint64(n))
	return int(p)
}
