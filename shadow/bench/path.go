package bench

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// run processes an input, in batches of a size, from raw bytes to encoded rows.
type run = func(in *Input, size int, out *output) error

// path is a way to run a scenario, and the cores that it gets.
type path struct {
	name  string
	cores int
	// partitions is V2's partition count, 0 for other paths; evenly assigns the small
	// shape's groups to partitions by hand.
	partitions int
	evenly     bool
	// build returns the run for a compiled scenario; nil if the scenario does not have this
	// path.
	build func(s *scenario, q *query) run
}

// key identifies a path within a scenario.
func (p *path) key() string { return fmt.Sprintf("%s@%d", p.name, p.cores) }

// oneCore and twoCores are the numbers of cores of the bar.
const (
	oneCore  = 1
	twoCores = 2
)

// paths are all paths in this process that need no broker, in the order of display. The
// rows of a scenario's other paths are compared with its first one's.
func paths() []*path {
	list := []*path{
		{name: "floor", cores: oneCore, build: func(s *scenario, _ *query) run { return s.floor }},
		{name: "direct", cores: oneCore, build: func(_ *scenario, q *query) run { return q.direct }},
		{name: "v1", cores: oneCore, build: buildV1},
		v2Path(4, oneCore),
		v2Path(8, oneCore),
	}
	cores := []int{twoCores}
	if n := runtime.NumCPU(); n >= 8 {
		cores = append(cores, 8)
	}
	for _, c := range cores {
		list = append(list, &path{name: "v1", cores: c, build: buildV1})
		for _, n := range []int{1, 2, 4, 8} {
			list = append(list, v2Path(n, c))
		}
	}
	for _, n := range []int{2, 4} {
		list = append(list, &path{
			name: fmt.Sprintf("v2:%d/even", n), cores: twoCores, partitions: n, evenly: true,
			build: func(s *scenario, q *query) run {
				if s.rows == nil {
					return nil
				}
				return q.v2(n, smallEvenly(n))
			},
		})
	}
	return append(list, &path{name: "shadow", cores: twoCores, build: func(s *scenario, q *query) run {
		if s.rows != nil {
			return nil // V1 and V2 emit different rows here, and both are correct
		}
		return q.shadow(s.level)
	}})
}

func buildV1(_ *scenario, q *query) run { return q.v1 }

func v2Path(n, cores int) *path {
	return &path{
		name: fmt.Sprintf("v2:%d", n), cores: cores, partitions: n,
		build: func(_ *scenario, q *query) run { return q.v2(n, nil) },
	}
}

// choosePaths returns the paths with the given names, all if there are none. A name may be
// a kind, such as v2. Paths with a broker are not included.
func choosePaths(names []string) ([]*path, error) {
	all := paths()
	if len(names) == 0 {
		return all, nil
	}
	var chosen []*path
	for _, p := range all {
		if slices.ContainsFunc(names, p.named) {
			chosen = append(chosen, p)
		}
	}
	for _, name := range names {
		if !slices.Contains(KafkaPaths(), name) && !slices.ContainsFunc(all, func(p *path) bool { return p.named(name) }) {
			return nil, fmt.Errorf("unknown path %q: use some of %s", name, strings.Join(append(pathNames(all), KafkaPaths()...), ", "))
		}
	}
	return chosen, nil
}

// named reports whether a name selects the path: v2:4, v2:4@2 on two cores only, or v2 for
// all of its kind.
func (p *path) named(name string) bool {
	kind, _, _ := strings.Cut(p.name, ":")
	return name == p.name || name == p.key() || name == kind
}

func pathNames(list []*path) []string {
	var names []string
	for _, p := range list {
		if !slices.Contains(names, p.name) {
			names = append(names, p.name)
		}
	}
	return names
}
