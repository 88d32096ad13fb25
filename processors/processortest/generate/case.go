// Package generate makes random scripts of the dialect with records for them, and reduces
// failing cases. The scripts are typed, so that the planner accepts nearly all of them. The
// package knows names, types and signatures, and not what a query means. The same seed
// gives the same case. It is for tests.
//
// Stability: ours.
package generate

import (
	"math/rand/v2"
	"strings"

	"parallax/processors/sql"
)

// Case is a script and records for it.
type Case struct {
	Script *sql.Script
	// Options are words of a golden file's section, a line each.
	Options string
	Records []Record
}

// Input is the records as lines of a golden file.
func (c *Case) Input() string {
	var b strings.Builder
	formats := map[string]func(*Record) string{}
	for _, s := range c.Script.Statements {
		if s, ok := s.(*sql.CreateSource); ok {
			formats[topicOf(s)] = valueOf(s)
		}
	}
	for _, r := range c.Records {
		b.WriteString(r.line(formats[r.Topic]) + "\n")
	}
	return b.String()
}

// New returns the case of a seed.
func New(seed uint64) *Case {
	g := newGenerator(seed)
	c := &Case{Script: &sql.Script{}}
	var sources []*source
	for i := range pick(g, 1, 1, 1, 2, 2, 3) {
		s := g.source(i, i > 0 && g.one(2) || g.one(8))
		sources = append(sources, s)
		c.Script.Statements = append(c.Script.Statements, s.def)
	}
	queries := pick(g, 1, 1, 1, 1, 1, 2, 2, 3)
	if g.pairing = g.paired(sources); g.pairing {
		queries = 3
	}
	for i := 0; i < queries; i++ {
		q := g.query(sources, i, i == queries-1)
		c.Script.Statements = append(c.Script.Statements, q.CreateAs)
		q.fit(c.Script)
		if i == queries-1 {
			break
		}
		s := q.madeBy(c.Script)
		if s == nil {
			continue
		}
		sources = append(sources, s)
		if s.pairs() && q.twin == nil && queries < 4 && g.one(2) { // a query with the same windows, and a join of both
			queries += 2
		}
	}
	if g.one(4) {
		c.Options += "on_error: dlq\n"
	}
	if g.one(3) {
		c.Options += "late: dlq\n"
	}
	if g.one(8) {
		c.Options += "no flush\n"
	}
	c.Records = g.records(sources)
	return c
}

// generator draws.
type generator struct {
	*rand.Rand
	env
	// pairing: the first query makes a table of windows for a join.
	pairing bool
	// pool are values by type: see common.
	pool map[string][]string
	// params counts the parameters of lambdas, for unique names.
	params int
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0)), pool: map[string][]string{}}
}

// one is true with probability 1/n.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }
