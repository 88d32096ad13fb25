package diff

import (
	"fmt"
	"strings"
)

// Level is a rung of the ladder of equivalence, the stronger the larger. E0 to E4 imply
// the levels with E below them, as far as these apply to an output: E5 to windows, E4 to E6
// to keys and windows. Zs and Ze apply to outputs with neither, and are implied by E2w; E3
// does not imply them, because it ignores repeated rows.
type Level uint8

// The levels; docs/EQUIVALENCE.md defines them.
const (
	None Level = iota
	Ze         // the rows at the end are the same, in any order
	Zs         // the rows up to every frontier are the same, in any order
	E6         // the final table is the same
	E5         // closed windows' final rows are the same
	E4         // the table is the same at every frontier
	E3r        // V2 conflates, but emits only values that V1 emitted, and the same last one
	E3         // as E2w after consecutive equal rows of one identity are collapsed
	E2w        // same sequence per key and window
	E2         // same sequence per key
	E1         // same rows in the same total order
	E0         // same bytes in the same order
)

var levelNames = [...]string{"none", "Ze", "Zs", "E6", "E5", "E4", "E3r", "E3", "E2w", "E2", "E1", "E0"}

func (l Level) String() string { return levelNames[l] }

// LevelNames lists the levels that a comparison can require, the strongest first.
func LevelNames() []string {
	var names []string
	for l := E0; l > None; l-- {
		names = append(names, l.String())
	}
	return names
}

// ParseLevel reads a level's name, in any case.
func ParseLevel(text string) (Level, error) {
	for i, name := range levelNames {
		if strings.EqualFold(name, strings.TrimSpace(text)) && Level(i) != None {
			return Level(i), nil
		}
	}
	return None, fmt.Errorf("%q is not a level of equivalence: use one of %s", text, strings.Join(LevelNames(), ", "))
}

// IsOfMultiset reports whether the level is about rows in any order. The levels with E do
// not imply it.
func (l Level) IsOfMultiset() bool { return l == Zs || l == Ze }

// MarshalText and UnmarshalText make a level its name in JSON and YAML.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads a level's name.
func (l *Level) UnmarshalText(text []byte) (err error) {
	if string(text) == "none" {
		*l = None
		return nil
	}
	*l, err = ParseLevel(string(text))
	return err
}
