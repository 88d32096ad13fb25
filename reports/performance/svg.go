package performance

import (
	"fmt"
	"html"
	"strings"
)

// The colours differ in lightness and in hue, so that colour-blind readers can distinguish
// them, also in grey.
const (
	black  = "#222222"
	grey   = "#777777"
	light  = "#dddddd"
	blue   = "#0072b2"
	sky    = "#56b4e9"
	orange = "#e69f00"
	red    = "#d55e00"
	green  = "#009e73"
)

// anchor says which end of a text is at its position.
type anchor string

const (
	start  anchor = "start"
	middle anchor = "middle"
	end    anchor = "end"
)

// drawing is an SVG picture. Places are in pixels from the top left.
type drawing struct {
	b             strings.Builder
	width, height float64
}

// draw starts a picture with a title, which screen readers read.
func draw(width, height float64, title, subtitle string) *drawing {
	d := &drawing{width: width, height: height}
	fmt.Fprintf(&d.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" height="%g" role="img" font-family="Helvetica, Arial, sans-serif">`+"\n", width, height, width, height)
	fmt.Fprintf(&d.b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(&d.b, `<rect width="%g" height="%g" fill="#ffffff"/>`+"\n", width, height)
	d.text(20, 28, 16, start, black, title)
	d.text(20, 48, 12, start, grey, subtitle)
	return d
}

func (d *drawing) text(x, y, size float64, a anchor, colour, s string) {
	fmt.Fprintf(&d.b, `<text x="%.1f" y="%.1f" font-size="%g" text-anchor="%s" fill="%s">%s</text>`+"\n", x, y, size, a, colour, html.EscapeString(s))
}

func (d *drawing) rect(x, y, width, height float64, colour string) {
	fmt.Fprintf(&d.b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, width, height, colour)
}

// line draws a straight line; dash is "" for a solid one.
func (d *drawing) line(x1, y1, x2, y2, width float64, colour, dash string) {
	fmt.Fprintf(&d.b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"%s/>`+"\n", x1, y1, x2, y2, colour, width, dashes(dash))
}

// point is a place in a picture.
type point struct{ x, y float64 }

func (d *drawing) curve(points []point, colour, dash string) {
	var places []string
	for _, p := range points {
		places = append(places, fmt.Sprintf("%.1f,%.1f", p.x, p.y))
	}
	fmt.Fprintf(&d.b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"%s/>`+"\n", strings.Join(places, " "), colour, dashes(dash))
}

// dot is filled, or a ring.
func (d *drawing) dot(p point, colour string, filled bool) {
	fill := "#ffffff"
	if filled {
		fill = colour
	}
	fmt.Fprintf(&d.b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s" stroke="%s" stroke-width="2"/>`+"\n", p.x, p.y, fill, colour)
}

func dashes(dash string) string {
	if dash == "" {
		return ""
	}
	return fmt.Sprintf(` stroke-dasharray="%s"`, dash)
}

func (d *drawing) done() string { return d.b.String() + "</svg>\n" }
