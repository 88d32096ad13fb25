package evidence

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
)

// Times is the distribution of event times, in ms, in little memory: times in ascending
// order, each of which stands for a number of times around it. Distributions add up; the
// quantiles at the ends are the most precise. The zero value is empty. In JSON it is a list
// of pairs: the time, what it stands for.
type Times struct {
	points   []TimePoint
	unsorted bool
}

// TimePoint is a time and the number of times that it stands for.
type TimePoint struct{ At, Weight int64 }

const (
	// mostPoints is how many points are kept before they are reduced.
	mostPoints = 4096
	// A point of the record stands for at most a share of 4q(1-q)/storedPoints of all
	// times at the quantile q, or for 1 in finestPoint where that is more.
	storedPoints = 32
	keptPoints   = 512
	finestPoint  = 1000
)

// Add adds times that a point stands for.
func (t *Times) Add(p TimePoint) {
	if p.Weight <= 0 {
		return
	}
	t.points = append(t.points, p)
	t.unsorted = true
	if len(t.points) > mostPoints {
		t.reduce(keptPoints)
	}
}

// Merge adds the times of another distribution.
func (t *Times) Merge(o Times) {
	for _, p := range o.points {
		t.Add(p)
	}
}

// Clone returns a copy.
func (t Times) Clone() Times { return Times{slices.Clone(t.points), t.unsorted} }

// Count returns the number of times.
func (t *Times) Count() (n int64) {
	for _, p := range t.points {
		n += p.Weight
	}
	return n
}

func (t *Times) sort() {
	if t.unsorted {
		slices.SortStableFunc(t.points, func(a, b TimePoint) int { return cmp.Compare(a.At, b.At) })
		t.unsorted = false
	}
}

// reduce joins neighbours. The first and the last time stay.
func (t *Times) reduce(n int) {
	t.sort()
	all := float64(t.Count())
	var out []TimePoint
	below := int64(0) // the weight before the group that begins at i
	for i := 0; i < len(t.points); {
		weight, end := t.points[i].Weight, i+1
		for ; i > 0 && end < len(t.points)-1; end++ {
			more := weight + t.points[end].Weight
			q := (float64(below) + float64(more)/2) / all
			if float64(more) > max(all/finestPoint, 4*q*(1-q)*all/float64(n)) {
				break
			}
			weight = more
		}
		out = append(out, TimePoint{middle(t.points[i:end], weight), weight})
		below, i = below+weight, end
	}
	t.points = out
}

// middle returns the median of some points.
func middle(points []TimePoint, weight int64) int64 {
	below := int64(0)
	for _, p := range points {
		if below += p.Weight; 2*below >= weight {
			return p.At
		}
	}
	return points[len(points)-1].At
}

// Span returns the distance from the quantile q to the quantile 1 - q, in ms; 0 if there are
// no times.
func (t *Times) Span(q float64) int64 {
	t.sort()
	if len(t.points) == 0 {
		return 0
	}
	outside := int64(q * float64(t.Count())) // on either side
	first, last := 0, len(t.points)-1
	for below := t.points[0].Weight; below <= outside && first < len(t.points)-1; below += t.points[first].Weight {
		first++
	}
	for above := t.points[last].Weight; above <= outside && last > first; above += t.points[last].Weight {
		last--
	}
	return t.points[last].At - t.points[first].At
}

// MarshalJSON writes the pairs, at most some 100 of them.
func (t Times) MarshalJSON() ([]byte, error) {
	t = t.Clone()
	t.sort()
	if len(t.points) > 4*storedPoints {
		t.reduce(storedPoints)
	}
	pairs := [][2]int64{}
	for _, p := range t.points {
		pairs = append(pairs, [2]int64{p.At, p.Weight})
	}
	return json.Marshal(pairs)
}

// UnmarshalJSON reads the pairs.
func (t *Times) UnmarshalJSON(text []byte) error {
	var pairs [][2]int64
	if err := json.Unmarshal(text, &pairs); err != nil {
		return err
	}
	*t = Times{}
	for _, p := range pairs {
		if p[1] <= 0 {
			return errors.New("evidence: a point of a distribution of times stands for nothing")
		}
		t.Add(TimePoint{p[0], p[1]})
	}
	return nil
}
