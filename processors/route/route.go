// Package route says which of V2's partitions a record goes to. A strategy is
// right for a query if records that share state meet; which strategies are, is
// decided here and nowhere else.
//
// It is not for running anything, nor for deriving keys from SQL: the planner
// derived the key, the caller compiled it.
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

// Strategy is the name of a way to route, as a job file writes it. The zero
// value is Auto.
type Strategy string

// Auto takes what the query needs: the hash of its key; round robin without
// state; fan in for a state that cannot be split.
const Auto Strategy = "auto"

// strategy is a way to route. Each has a file of its own; to add one, write its
// file and list it below.
type strategy struct {
	name    Strategy
	aliases []Strategy
	// why is one sentence on what it does for a query that it is right for.
	why string
	// needs says what a query must be like for it; refuse why one is not, "" if
	// it is.
	needs  string
	refuse func(Need) string
	// pick returns where record i goes, given the hash of its key where the strategy
	// wants that; nil goes by the hash alone.
	pick func(r *Router, b *row.Batch, i int, hash uint64) int
	// place returns where state goes that is restored: the partition that pick
	// gives to the records that it was made of; nil where nobody can tell.
	place func(r *Router, hash uint64, source int32) int
	// hashes says that pick wants the hash of the key.
	hashes bool
}

// strategies are all there are.
var strategies = []*strategy{&alwaysHash, &smartRepartition, &stickyPartition, &roundRobin, &fanIn}

// Strategies returns all names, for messages and validation.
func Strategies() []Strategy {
	names := []Strategy{Auto}
	for _, s := range strategies {
		names = append(names, s.name)
	}
	return names
}

// ErrSplitsState is a strategy that would tear the state of a query apart.
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

// Key returns record i's split key, good until the next call.
type Key func(b *row.Batch, i int) []row.Value

// Hash sets dst[i] to row.Hash of the split key of each record of the batch that
// is decoded and of the query's source.
type Hash func(dst []uint64, b *row.Batch)

// Need is what routing must know of a query.
type Need struct {
	// Key is nil where the query has no split key; Hash hashes it, for whole batches
	// at once.
	Key  Key
	Hash Hash
	// Stateless says that any routing will do.
	Stateless bool
	// SourceKeyed says that records that agree on the split key come from one
	// source topic-partition, because the source's own key is part of it.
	SourceKeyed bool
}

// Router routes the records of one query to n partitions. It keeps scratch
// space, so it belongs to one goroutine. Where a record goes depends on the
// record and its position alone, never on the batch it came in.
type Router struct {
	strategy *strategy
	n        int
	key      Key
	hash     Hash
	forced   string // why the strategy is wrong, where it was forced
	assigned map[string]int
	scratch  []byte
}

// New returns the router of a query over n partitions. A strategy that would
// split its state is ErrSplitsState; forced, it is taken all the same, for an
// experiment whose outcome is known to be wrong.
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

// refusal is why a strategy is not for a query. It is an ErrSplitsState, unless
// there is no state to split.
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

// Reason is what a strategy that was refused needs, and why that is not so here;
// of any other error its text.
func Reason(err error) string {
	if e, ok := errors.AsType[*refusal](err); ok {
		return "needs " + e.strategy.needs + ", and " + e.reason
	}
	return err.Error()
}

// choose is what auto takes.
func choose(need Need) Strategy {
	switch {
	case need.Stateless:
		return roundRobin.name
	case need.Key != nil:
		return alwaysHash.name
	}
	return fanIn.name
}

// Assigned returns a router by an explicit table from encoded keys
// (row.AppendKey) to partitions, which whoever knows all keys can balance by
// hand. A key that the table lacks is hashed.
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

// Strategy returns the name of what the router does.
func (r *Router) Strategy() Strategy { return r.strategy.name }

// Why returns one sentence on what the router does and why that is right, or,
// where it was forced, why it is wrong.
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

// Route sets which[i] to where record i of the batch goes, in [0, n), and -1 for
// one that is undecodable or of another source; and hashes[i] to row.Hash of its
// split key, where the strategy hashes it. Both have an element for each record.
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

// Place returns the partition of state that is restored, given row.Hash of its
// key and the number of the source topic-partition that it came from. ok is
// false where the strategy does not say where a key's state belongs.
func (r *Router) Place(hash uint64, source int32) (partition int, ok bool) {
	if r.strategy.place == nil || r.forced != "" {
		return 0, false
	}
	return r.strategy.place(r, hash, source), true
}

// hashed returns where a key with this hash goes.
func (r *Router) hashed(hash uint64) int { return Hashed(hash, r.n) }

// Hashed returns which of n partitions always_hash sends a key to, given its
// row.Hash, of which each bit is good. Those in the middle decide: a partition's
// keys would crowd in its tables if they had their low bits in common, and a
// sample has its high ones in common.
func Hashed(hash uint64, n int) int {
	p, _ := bits.Mul64(bits.RotateLeft64(hash, 28), uint64(n))
	return int(p)
}
