// Package generate makes random scripts of the dialect and records for them,
// typed, so that the planner takes nearly all of them, and makes what fails
// smaller. It knows names, types and signatures; what a query means it does not
// know. The same seed gives the same case. It is for tests.
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
	for _, r := range c.Records {
		b.WriteString(r.Line() + "\n")
	}
	return b.String()
}

// New makes the case of a seed.
func New(seed uint64) *Case {
	g := newGenerator(seed)
	c := &Case{Script: &sql.Script{}}
	var sources []*source
	for i := range 1 + g.IntN(5)/3 {
		s := g.source(i)
		sources = append(sources, s)
		c.Script.Statements = append(c.Script.Statements, s.def)
	}
	queries := 1 + g.IntN(5)/4
	for i := range queries {
		from := pick(g, sources...)
		from.read = true
		c.Script.Statements = append(c.Script.Statements, g.query(from, sources, i, queries > 1))
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
	// params counts the parameters of lambdas, so that each has a name of its own.
	params int
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
}

// one is true one time in n.
func (g *generator) one(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }
