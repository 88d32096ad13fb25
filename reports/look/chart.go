package look

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"parallax/shadow/evidence"
)

// Chart is a figure: the picture, and the texts around it, which do not shrink with it.
type Chart struct {
	Title, Note string
	Legend      []Key
	Y, X        []string
	SVG         template.HTML
}

// Key is an entry of a legend: a class of the style sheet, and what it stands for.
type Key struct{ Class, Name string }

// canvas draws values over time. Its picture is stretched to the width of the page.
type canvas struct {
	points   []evidence.Point
	from, to time.Time
	axis     []string
	// drawings are made once the largest value is known.
	drawings []func(b *strings.Builder, top float64)
	most     float64
	hasData  bool
	// one: a line marks the value 1.
	one bool
}

const chartWidth, chartHeight = 1000.0, 200.0

func newCanvas(points []evidence.Point, axis []string) *canvas {
	return &canvas{points: points, from: points[0].From, to: points[len(points)-1].To, axis: axis}
}

func (c *canvas) x(t time.Time) float64 {
	all := c.to.Sub(c.from)
	if all <= 0 {
		return 0
	}
	return chartWidth * float64(t.Sub(c.from)) / float64(all)
}

func (c *canvas) middle(p evidence.Point) float64 { return (c.x(p.From) + c.x(p.To)) / 2 }

func y(value, top float64) float64 { return chartHeight * (1 - min(max(value, 0), top)/top) }

// isUsable reports whether a value can be drawn.
func isUsable(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// curve draws a line through the values; it is interrupted where there is none.
func (c *canvas) curve(class string, of func(evidence.Point) (float64, bool)) {
	for _, p := range c.points {
		if v, ok := of(p); ok && isUsable(v) {
			c.most, c.hasData = max(c.most, v), true
		}
	}
	c.drawings = append(c.drawings, func(b *strings.Builder, top float64) {
		var line []string
		end := func() {
			if len(line) == 1 { // a point alone: a short line
				line = append(line, line[0])
			}
			if len(line) > 0 {
				fmt.Fprintf(b, "<polyline class=\"%s\" points=\"%s\"/>\n", class, strings.Join(line, " "))
			}
			line = nil
		}
		for i, p := range c.points {
			v, ok := of(p)
			if !ok || !isUsable(v) || i > 0 && isGap(c.points[i-1], p) {
				end()
			}
			if ok && isUsable(v) {
				line = append(line, fmt.Sprintf("%.1f,%.1f", c.middle(p), y(v, top)))
			}
		}
		end()
	})
}

// band fills the area between two values.
func (c *canvas) band(of func(evidence.Point) (low, high float64, ok bool)) {
	c.drawings = append(c.drawings, func(b *strings.Builder, top float64) {
		var upper, lower []string
		end := func() {
			if len(upper) > 1 {
				fmt.Fprintf(b, "<polygon points=\"%s %s\"/>\n", strings.Join(upper, " "), strings.Join(lower, " "))
			}
			upper, lower = nil, nil
		}
		for i, p := range c.points {
			low, high, ok := of(p)
			ok = ok && isUsable(low) && isUsable(high)
			if !ok || i > 0 && isGap(c.points[i-1], p) {
				end()
			}
			if ok {
				upper = append(upper, fmt.Sprintf("%.1f,%.1f", c.middle(p), y(high, top)))
				lower = append([]string{fmt.Sprintf("%.1f,%.1f", c.middle(p), y(low, top))}, lower...)
			}
		}
		end()
	})
	for _, p := range c.points {
		if _, high, ok := of(p); ok && isUsable(high) {
			c.most = max(c.most, high)
		}
	}
}

// bars draw a value as a bar; there are none where all values are 0.
func (c *canvas) bars(class string, of func(evidence.Point) float64) {
	for _, p := range c.points {
		if v := of(p); v > 0 {
			c.most, c.hasData = max(c.most, v), true
		}
	}
	c.drawings = append(c.drawings, func(b *strings.Builder, top float64) {
		for _, p := range c.points {
			if v := of(p); v > 0 {
				width := max(2, c.x(p.To)-c.x(p.From)-0.5)
				fmt.Fprintf(b, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n", class, c.x(p.From), y(v, top), width, chartHeight-y(v, top))
			}
		}
	})
}

// isGap reports whether evidence is missing between two points.
func isGap(a, b evidence.Point) bool {
	return b.From.Sub(a.To) > max(a.To.Sub(a.From), b.To.Sub(b.From), 2*time.Minute)
}

func hasGaps(points []evidence.Point) bool {
	for i := 1; i < len(points); i++ {
		if isGap(points[i-1], points[i]) {
			return true
		}
	}
	return false
}

// shadeGaps marks the times without evidence.
func (c *canvas) shadeGaps() {
	c.drawings = append(c.drawings, func(b *strings.Builder, _ float64) {
		for i := 1; i < len(c.points); i++ {
			if a, p := c.points[i-1], c.points[i]; isGap(a, p) {
				fmt.Fprintf(b, "<rect class=\"hole\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%.0f\"/>\n", c.x(a.To), c.x(p.From)-c.x(a.To), chartHeight)
			}
		}
	})
}

// done returns the figure; its SVG is empty if there is nothing to draw.
func (c *canvas) done(title, note string, label func(float64) string) Chart {
	v := Chart{Title: title, Note: note, X: c.axis}
	if !c.hasData {
		return v
	}
	if c.one {
		c.most = max(c.most, 1.2)
	}
	step := niceStep(max(c.most, 1e-9)/2, c.most)
	top := step * math.Ceil(c.most/step-1e-9)
	if !(top > 0) || !isUsable(top) {
		top, step = 1, 0.5
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg viewBox=\"0 0 %g %g\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s\">\n", chartWidth, chartHeight, template.HTMLEscapeString(title))
	for at := top; at > -step/2; at -= step {
		class := "grid"
		if at < step/2 {
			class, at = "zero", 0
		}
		v.Y = append(v.Y, label(at))
		fmt.Fprintf(&b, "<line class=\"%s\" x1=\"0\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>\n", class, chartWidth, y(at, top), y(at, top))
	}
	for _, draw := range c.drawings {
		draw(&b, top)
	}
	if c.one {
		fmt.Fprintf(&b, "<line class=\"one\" x1=\"0\" x2=\"%g\" y1=\"%.1f\" y2=\"%.1f\"/>\n", chartWidth, y(1, top), y(1, top))
	}
	v.SVG = template.HTML(b.String() + "</svg>")
	return v
}

// niceStep is a round distance of grid lines, at least the given one if values are that large.
func niceStep(least, most float64) float64 {
	if most <= 0 {
		return 0.5
	}
	unit := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range []float64{1, 2, 5} {
		if f*unit >= least {
			return f * unit
		}
	}
	return 10 * unit
}
