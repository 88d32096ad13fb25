package look

import (
	"parallax/shadow/evidence"
)

// mostPoints is how many points a chart has; more are added up in groups.
const mostPoints = 240

// bucketed adds up neighbouring points, so that there are at most mostPoints.
func bucketed(points []evidence.Point) []evidence.Point {
	size := (len(points) + mostPoints - 1) / mostPoints
	if size <= 1 {
		return points
	}
	var out []evidence.Point
	for len(points) > 0 {
		n := min(size, len(points))
		for i := 1; i < n; i++ {
			if isGap(points[i-1], points[i]) {
				n = i
				break
			}
		}
		out = append(out, sum(points[:n]))
		points = points[n:]
	}
	return out
}

// sum adds up points: speeds by the time that they took, intervals and taxes by records.
func sum(points []evidence.Point) evidence.Point {
	s := evidence.Point{From: points[0].From, To: points[len(points)-1].To}
	var v1, v2 paceOf
	var ratio, low, high, tax mean
	for _, p := range points {
		n := float64(p.Records)
		s.Records, s.Rows, s.Roots, s.Lag = s.Records+p.Records, s.Rows+p.Rows, s.Roots+p.Roots, max(s.Lag, p.Lag)
		v1.add(n, float64(p.V1))
		v2.add(n, float64(p.V2))
		if p.Ratio != 0 {
			ratio.add(n, float64(p.Ratio))
		}
		if p.RatioCI95.IsKnown() {
			low.add(n, p.RatioCI95[0])
			high.add(n, p.RatioCI95[1])
		}
		if p.Tax != nil {
			tax.add(n, *p.Tax)
		}
	}
	s.V1, s.V2, s.Ratio = evidence.Figure(v1.perSecond()), evidence.Figure(v2.perSecond()), evidence.Figure(ratio.value())
	if low.weight > 0 {
		s.RatioCI95 = evidence.Interval{low.value(), high.value()}
	}
	if tax.weight > 0 {
		value := tax.value()
		s.Tax = &value
	}
	return s
}

// paceOf adds up records and the seconds that they took.
type paceOf struct{ records, seconds float64 }

func (p *paceOf) add(records, perSecond float64) {
	if perSecond > 0 {
		p.records += records
		p.seconds += records / perSecond
	}
}

func (p *paceOf) perSecond() float64 {
	if p.seconds == 0 {
		return 0
	}
	return p.records / p.seconds
}

// mean is a weighted mean.
type mean struct{ sum, weight float64 }

func (m *mean) add(weight, value float64) {
	m.sum += weight * value
	m.weight += weight
}

func (m *mean) value() float64 {
	if m.weight == 0 {
		return 0
	}
	return m.sum / m.weight
}
