package faults

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"parallax/processors/sql"
)

// ErrUnknown is a name that the catalogue does not have.
var ErrUnknown = errors.New("no such fault")

// Fault is a Kind and the input records that it strikes: the From-th to the
// To-th that V2 is given, both included, counted from 1 and over all V2s that it
// makes for one run.
type Fault struct {
	Kind
	From, To int64

	origin origin
}

// Parse reads NAME[@FROM[-TO]]. Without a range the fault strikes from the
// first record to the last. The error for an unknown name suggests the nearest.
func Parse(text string) (*Fault, error) {
	name, rest, ranged := strings.Cut(strings.TrimSpace(text), "@")
	kind, err := find(strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	f := &Fault{Kind: kind, From: 1, To: math.MaxInt64}
	if !ranged {
		return f, nil
	}
	if kind.whole {
		return nil, fmt.Errorf("fault %s takes no range: it is all of V2, not some records", kind.Name)
	}
	from, to, bounded := strings.Cut(rest, "-")
	if f.From, err = count(from); err == nil && bounded {
		f.To, err = count(to)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("fault %q: %w; write %s@FROM or %s@FROM-TO, counting input records from 1", text, err, kind.Name, kind.Name)
	case f.To < f.From:
		return nil, fmt.Errorf("fault %q: the range ends before it begins", text)
	}
	return f, nil
}

func count(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("invalid record count %q", text)
	}
	return int64(n), nil
}

// String returns what Parse takes back.
func (f *Fault) String() string {
	switch {
	case f.To != math.MaxInt64:
		return fmt.Sprintf("%s@%d-%d", f.Name, f.From, f.To)
	case f.From != 1:
		return fmt.Sprintf("%s@%d", f.Name, f.From)
	default:
		return f.Name
	}
}

// Names returns the names of the catalogue, in its order.
func Names() []string {
	var names []string
	for _, k := range Catalogue() {
		names = append(names, k.Name)
	}
	return names
}

func find(name string) (Kind, error) {
	for _, k := range Catalogue() {
		if k.Name == name {
			return k, nil
		}
	}
	hint := ""
	if near := sql.Nearest(name, Names()); near != "" {
		hint = fmt.Sprintf("did you mean %s? ", near)
	}
	return Kind{}, fmt.Errorf("%w: %q (%sthere are %s)", ErrUnknown, name, hint, strings.Join(Names(), ", "))
}
