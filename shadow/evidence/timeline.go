package evidence

// timeline collects figures over time. Neighbours are joined where there are too many. The
// zero value is empty.
type timeline struct{ moments []moment }

// moment is what a Point is computed from.
type moment struct {
	Point
	speed Speed
	tax   TaxPairs
}

// mostPointsShown is how many points a timeline has at most.
const mostPointsShown = 400

func (t *timeline) add(s *Span) {
	m := moment{Point: Point{From: s.Wall[0], To: s.Wall[1], Records: s.Ledger.Records(), Rows: s.Outputs.V1, Lag: s.Lag.Most, IsHole: s.IsHole()}}
	for _, d := range s.Divergences {
		m.Roots += d.Root
	}
	m.speed.Records, m.speed.Batches = s.Speed.Records, s.Speed.Batches
	m.speed.Blocks = append(m.speed.Blocks, s.Speed.Blocks...)
	m.tax.Differences = append(m.tax.Differences, s.Tax.Differences...)
	t.moments = append(t.moments, m)
	if len(t.moments) <= mostPointsShown {
		return
	}
	half := t.moments[:0]
	for i := 0; i < len(t.moments); i += 2 {
		m := t.moments[i]
		if i+1 < len(t.moments) {
			m.join(t.moments[i+1])
		}
		half = append(half, m)
	}
	t.moments = half
}

func (m *moment) join(o moment) {
	m.To = o.To
	m.Records += o.Records
	m.Rows += o.Rows
	m.Roots += o.Roots
	m.Lag = max(m.Lag, o.Lag)
	m.IsHole = m.IsHole || o.IsHole
	m.speed.Records += o.speed.Records
	m.speed.Batches += o.speed.Batches
	m.speed.Blocks = append(m.speed.Blocks, o.speed.Blocks...)
	if len(m.speed.Blocks) > 2*storedBlocks {
		m.speed.joinBlocks(storedBlocks)
	}
	m.tax.Differences = append(m.tax.Differences, o.tax.Differences...)
	m.tax.thin(2 * storedDifferences)
}

// list returns the points.
func (t *timeline) list() []Point {
	list := []Point{}
	for i := range t.moments {
		m := &t.moments[i]
		p := m.Point
		sum := m.speed.sum()
		p.V1, p.V2 = PerSecond(m.speed.Records, Duration(sum.V1).Std()), PerSecond(m.speed.Records, Duration(sum.V2).Std())
		if r := m.speed.ratio(""); r.Comparable {
			p.Ratio, p.RatioCI95 = r.Value, r.CI95
		}
		p.Tax = m.tax.tax().Value
		list = append(list, p)
	}
	return list
}
