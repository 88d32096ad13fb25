// Command mutate breaks code in one place at a time and counts the cases that notice it. It
// has two lists. The mutations of the engine break rules of the dialect; golden cases must
// notice them. The mutations of the judge break V2's own code; the verdicts on a small set of
// jobs must notice them. A mutation is a text and its replacement. The source tree is not
// modified; the build gets an overlay. The command writes tables, and fails if a mutation is
// not noticed.
//
// Stability: ours.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// options are the command's.
type options struct {
	only  *regexp.Regexp // mutations whose rule or sentence matches
	names bool           // print which cases notice
	jobs  int            // how many at once
}

func main() {
	list := flag.String("list", "", "only one list: engine or judge")
	out := flag.String("o", "", "write the tables to this file; for all mutations of a list only")
	only := flag.String("run", "", "only mutations whose rule or sentence matches")
	names := flag.Bool("v", false, "print which cases notice")
	jobs := flag.Int("j", 2, "how many at once")
	flag.Parse()
	ok, err := mutate(*list, *out, *only, *names, *jobs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

func mutate(list, out, only string, names bool, jobs int) (ok bool, err error) {
	match, err := regexp.Compile(only)
	if err != nil {
		return false, fmt.Errorf("-run: %w", err)
	}
	chosen := suites
	if list != "" {
		i := slices.IndexFunc(suites, func(s *suite) bool { return s.name == list })
		if i < 0 {
			return false, fmt.Errorf("-list: there is no list %q (write engine or judge)", list)
		}
		chosen = suites[i : i+1]
	}
	if out != "" && only != "" {
		return false, errors.New("-o writes tables of all mutations: leave out -run")
	}
	ok = true
	var tables []string
	for _, s := range chosen {
		results, isOK, err := s.run(options{match, names, jobs})
		if err != nil {
			return false, err
		}
		ok = ok && isOK
		tables = append(tables, s.table(results))
	}
	if out == "" {
		return ok, nil
	}
	return ok, os.WriteFile(out, []byte(strings.Join(tables, "\n")), 0o644)
}

// run tries the suite's mutations. ok is false where one is not noticed, or is though
// its list says that it cannot be.
func (s *suite) run(opt options) (results []result, ok bool, err error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil, false, err
	}
	all, err := readList(string(text))
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", s.file, err)
	}
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = os.RemoveAll(work) }() // what stays is in the system's directory for that
	lab, err := newLaboratory(work, s, all)
	if err != nil {
		return nil, false, err
	}
	if noticed, err := lab.plain(); err != nil || len(noticed) > 0 {
		return nil, false, fmt.Errorf("list %s: its cases have to hold before anything is broken: %d do not: %s (%w)", s.name, len(noticed), strings.Join(noticed, " "), err)
	}
	results = make([]result, len(all))
	var workers sync.WaitGroup
	turns := make(chan int)
	for range opt.jobs {
		workers.Go(func() {
			for i := range turns {
				r := &results[i]
				r.mutation = all[i]
				r.noticed, r.err = lab.breakRule(i + 1)
				r.done = true
				fmt.Println(r.line(s.wanted))
				if opt.names {
					fmt.Println("    " + strings.Join(r.noticed, "\n    "))
				}
			}
		})
	}
	for i, m := range all {
		if opt.only.MatchString(m.Rule + " " + m.Says) {
			turns <- i
		}
	}
	close(turns)
	workers.Wait()
	ok = true
	for _, r := range results {
		ok = ok && (!r.done || r.err == nil && (len(r.noticed) > 0) == (r.Unseen == ""))
	}
	return results, ok, nil
}

// result is what noticed a mutation.
type result struct {
	mutation
	noticed []string
	err     error
	done    bool
}

func (r *result) line(wanted int) string {
	switch {
	case r.err != nil:
		return fmt.Sprintf("ERROR  %s: %v", r.Says, r.err)
	case r.Unseen != "" && len(r.noticed) > 0:
		return fmt.Sprintf("SEEN   %s: %s (the list says that it cannot be: %s)", r.Rule, r.Says, r.Unseen)
	case r.Unseen != "":
		return fmt.Sprintf("unseen %s: %s", r.Rule, r.Says)
	case len(r.noticed) == 0:
		return fmt.Sprintf("NONE   %s: %s", r.Rule, r.Says)
	case len(r.noticed) < wanted:
		return fmt.Sprintf("few %2d %s: %s", len(r.noticed), r.Rule, r.Says)
	}
	return fmt.Sprintf("   %3d %s: %s", len(r.noticed), r.Rule, r.Says)
}
