// Command mutate breaks the rules of the dialect one by one, and counts the golden
// cases that notice. A mutation is a text in the engine and its replacement; the
// tree is not touched, the build is given an overlay. It writes a table, and fails
// where nothing notices.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
)

// enough is how many cases should notice.
const enough = 3

func main() {
	list := flag.String("list", "hack/mutate/mutations.txt", "the mutations")
	out := flag.String("o", "", "write the table to this file")
	only := flag.String("run", "", "only mutations whose rule or sentence matches")
	names := flag.Bool("v", false, "print which cases notice")
	jobs := flag.Int("j", 2, "how many at once")
	flag.Parse()
	ok, err := run(*list, *out, *only, *names, *jobs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func run(list, out, only string, names bool, jobs int) (ok bool, err error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return false, err
	}
	all, err := readList(string(text))
	if err != nil {
		return false, fmt.Errorf("%s: %w", list, err)
	}
	match, err := regexp.Compile(only)
	if err != nil {
		return false, err
	}
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(work) }() // what stays is in the system's directory for that
	lab, err := newLaboratory(work, all)
	if err != nil {
		return false, err
	}
	if noticed, err := lab.plain(); err != nil || len(noticed) > 0 {
		return false, fmt.Errorf("the goldens have to hold before anything is broken: %d do not: %s (%w)", len(noticed), strings.Join(noticed, " "), err)
	}
	results := make([]result, len(all))
	var workers sync.WaitGroup
	turns := make(chan int)
	for range jobs {
		workers.Go(func() {
			for i := range turns {
				r := &results[i]
				r.mutation = all[i]
				r.noticed, r.err = lab.breakRule(i + 1)
				r.done = true
				fmt.Println(r.line())
				if names {
					fmt.Println("    " + strings.Join(r.noticed, "\n    "))
				}
			}
		})
	}
	for i, m := range all {
		if match.MatchString(m.Rule + " " + m.Says) {
			turns <- i
		}
	}
	close(turns)
	workers.Wait()
	ok = true
	for _, r := range results {
		ok = ok && (!r.done || r.err == nil && len(r.noticed) > 0)
	}
	if out == "" {
		return ok, nil
	}
	return ok, os.WriteFile(out, []byte(table(results)), 0o644)
}

// result is how many cases noticed a mutation.
type result struct {
	mutation
	noticed []string
	err     error
	done    bool
}

func (r *result) line() string {
	switch {
	case r.err != nil:
		return fmt.Sprintf("ERROR  %s: %v", r.Says, r.err)
	case len(r.noticed) == 0:
		return fmt.Sprintf("NOBODY %s: %s", r.Rule, r.Says)
	case len(r.noticed) < enough:
		return fmt.Sprintf("few %2d %s: %s", len(r.noticed), r.Rule, r.Says)
	}
	return fmt.Sprintf("   %3d %s: %s", len(r.noticed), r.Rule, r.Says)
}
