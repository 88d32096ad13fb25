package page

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// curve is a small chart of a column's values on both paths.
type curve struct {
	Name      string
	SVG       template.HTML
	Most      string
	Least     string
	HasPoints int
}

// drawCurve draws two series of the same length; its SVG is empty if there are too few values.
func drawCurve(name string, one, two []float64) curve {
	const width, height = 300.0, 90.0
	c := curve{Name: name, HasPoints: len(one)}
	if len(one) < 2 {
		return c
	}
	least, most := math.Inf(1), math.Inf(-1)
	for i := range one {
		least, most = min(least, one[i], two[i]), max(most, one[i], two[i])
	}
	if math.IsNaN(most-least) || math.IsInf(most-least, 0) || most == least {
		return c
	}
	c.Least, c.Most = figure(least), figure(most)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none" role="img" aria-label="%s on both paths">`, width, height, template.HTMLEscapeString(name))
	fmt.Fprintf(&b, `<line class="grid" x1="0" x2="%g" y1="0" y2="0"/><line class="zero" x1="0" x2="%g" y1="%g" y2="%g"/>`, width, width, height, height)
	for _, series := range []struct {
		class  string
		values []float64
	}{{"v1", one}, {"v2", two}} {
		points := make([]string, len(series.values))
		for i, v := range series.values {
			points[i] = fmt.Sprintf("%.1f,%.1f", width*float64(i)/float64(len(series.values)-1), height*(1-(v-least)/(most-least)))
		}
		fmt.Fprintf(&b, `<polyline class="%s" points="%s"/>`, series.class, strings.Join(points, " "))
	}
	b.WriteString("</svg>")
	c.SVG = template.HTML(b.String())
	return c
}

// figure is a value of a column in short.
func figure(f float64) string {
	if math.Abs(f) >= 1e4 {
		return compact(f)
	}
	return strconv.FormatFloat(f, 'g', 5, 64)
}
