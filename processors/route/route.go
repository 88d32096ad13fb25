// Package route says which of V2's partitions a record goes to. A strategy is
// right for a query if records that share state meet; which strategies are, is
// decided here and nowhere else.
//
// It is not for running anything, nor for deriving keys from SQL: the planner
// derived the key, the caller compiled it.
package route

import (
	"errors"
	"fmt"
	"strings"

	"parallax/processors/row"
)

// Strategy is the name of a way to route, as a job file writes it. The zero
// value is Auto.
type Strategy string

// The strategies.
const (
	// Auto takes what the query needs: AlwaysHash with a key, RoundRobin without
	// state, FanIn for a state that cannot be split.
	Auto Strategy = "auto"
	// AlwaysHash sends equal keys to the same partition.
	AlwaysHash Strategy = "always_hash"
	// Sticky sends each source topic-partition to one partition.
	Sticky Strategy = "sticky"
	// RoundRobin deals records out by position.
	RoundRobin Strategy = "round_robin"
	// FanIn sends everything to partition 0.
	FanIn Strategy = "fan_in"
)

// Strategies are all names, for messages and validation.
var Strategies = []Strategy{Auto, AlwaysHash, Sticky, RoundRobin, FanIn}

// ErrSplitsState is a strategy that would tear the state of a query apart.
var ErrSplitsState = errors.New("would split the query's state")

// ParseStrategy reads a strategy's name, trimmed and in any case.
func ParseStrategy(text string) (Strategy, error) {
	word := Strategy(strings.ToLower(strings.TrimSpace(text)))
	names := make([]string, len(Strategies))
	for i, s := range Strategies {
		if word == s {
			return s, nil
		}
		names[i] = string(s)
	}
	return "", fmt.Errorf("no such partitioning strategy: %q (write one of %s)", text, strings.Join(names, ", "))
}

// Key appends the canonical encoding (row.AppendKey) of record i's split key.
type Key func(b *row.Batch, i int, dst []byte) []byte

// Need is what routing must know of a query.
type Need struct {
	// Key is nil where the query has no split key.
	Key Key
	// Stateless says that any routing will do.
	Stateless bool
}

// Router routes the records of one query to n partitions. It keeps scratch
// space, so it belongs to one goroutine. Where a record goes depends on the
// record and its position alone, never on the batch it came in.
type Router struct {
	strategy Strategy
	n        int
	key      Key
	scratch  []byte
	assigned map[string]int
}

// New returns the router of a query over n partitions. A strategy that would
// split its state is ErrSplitsState.
func New(s Strategy, n int, need Need) (*Router, error) {
	if s == "" || s == Auto {
		switch {
		case need.Key != nil:
			s = AlwaysHash
		case need.Stateless:
			s = RoundRobin
		default:
			s = FanIn
		}
	}
	switch s {
	case FanIn:
	case AlwaysHash:
		if need.Key == nil {
			// There is nothing to hash. Without state any routing will do; with
			// it everything must meet.
			s = FanIn
			if need.Stateless {
				s = RoundRobin
			}
		}
	case Sticky, RoundRobin:
		if !need.Stateless {
			return nil, fmt.Errorf("partitioning strategy %s %w; use %s", s, ErrSplitsState, Auto)
		}
	default:
		_, err := ParseStrategy(string(s))
		return nil, err
	}
	return &Router{strategy: s, n: n, key: need.Key}, nil
}

// Assigned returns a router by an explicit table from encoded keys to
// partitions, which whoever knows all keys can balance by hand. A key that the
// table lacks is hashed.
func Assigned(table map[string]int, n int, key Key) (*Router, error) {
	if key == nil {
		return nil, errors.New("an explicit assignment needs a split key")
	}
	for k, p := range table {
		if p < 0 || p >= n {
			return nil, fmt.Errorf("key %q is assigned to partition %d of %d", k, p, n)
		}
	}
	return &Router{strategy: "assigned", n: n, key: key, assigned: table}, nil
}

// Strategy returns the name of what the router does.
func (r *Router) Strategy() Strategy { return r.strategy }

// Partition returns where record i of the batch goes, in [0, n).
func (r *Router) Partition(b *row.Batch, i int) int {
	switch r.strategy {
	case FanIn:
		return 0
	case Sticky:
		rec := b.Record(i)
		r.scratch = append(r.scratch[:0], rec.Topic...)
		p := uint32(rec.Partition)
		r.scratch = append(r.scratch, 0, byte(p>>24), byte(p>>16), byte(p>>8), byte(p))
		return r.Hashed(row.HashKey(r.scratch))
	case RoundRobin:
		return int(uint64(b.First+int64(i)) / block % uint64(r.n))
	}
	r.scratch = r.key(b, i, r.scratch[:0])
	if p, ok := r.assigned[string(r.scratch)]; ok {
		return p
	}
	return r.Hashed(row.HashKey(r.scratch))
}

// block is how many neighbours round robin keeps together: their rows come out
// side by side, so that merge copies them in one piece.
const block = 16

// Hashed returns where a key with this hash goes; state that is restored uses
// it too. Every bit of row.HashKey is good, so a modulus is.
func (r *Router) Hashed(hash uint64) int {
	if r.strategy == FanIn {
		return 0
	}
	return int(hash % uint64(r.n))
}

// Portable reports whether state can be restored by hash under this router.
func (r *Router) Portable() bool { return r.strategy == AlwaysHash || r.strategy == FanIn }
