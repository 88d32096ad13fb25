package page

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"parallax/reports/look"
	"parallax/shadow/stage"
)

// spark draws a line of the newest speeds, without axes.
func spark(values []float64) template.HTML {
	const width, height = 120.0, 28.0
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	if len(values) < 2 || math.IsNaN(most-least) || math.IsInf(most-least, 0) {
		return ""
	}
	least = min(least, most*0.7) // small changes stay small
	points := make([]string, len(values))
	for i, v := range values {
		y := height / 2
		if most > least {
			y = 2 + (height-4)*(1-(v-least)/(most-least))
		}
		points[i] = fmt.Sprintf("%.1f,%.1f", width*float64(i)/float64(len(values)-1), y)
	}
	line := strings.Join(points, " ")
	return template.HTML(fmt.Sprintf(`<svg class="spark" viewBox="0 0 %g %g" preserveAspectRatio="none" aria-hidden="true"><polygon points="0,%g %s %g,%g"/><polyline class="v1" points="%s"/></svg>`,
		width, height, height, line, width, height, line))
}

// split draws whose rows a stage emits: V1's part of the keys, then V2's.
func split(s stage.Stage) template.HTML {
	const width = 72.0
	v2 := 0.0
	switch s.Kind {
	case stage.Canary:
		v2 = max(2, width*s.Percent/100)
	case stage.Promoted, stage.Done:
		v2 = width
	}
	return template.HTML(fmt.Sprintf(`<svg class="split" viewBox="0 0 %g 6" preserveAspectRatio="none" aria-hidden="true"><rect class="one" width="%.1f" height="6"/><rect class="two" x="%.1f" width="%.1f" height="6"/></svg>`, width, width-v2, width-v2, v2))
}

// meter draws a part of a whole, in per cent.
func meter(percent float64) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="b1" width="%.2f" height="6"/></svg>`, min(max(percent, 0), 100)))
}

// ledgerBar draws the shares of a ledger's buckets; the smallest can still be seen.
func ledgerBar(list []look.Bucket) template.HTML {
	const width, least, gap = 1000.0, 5.0, 3.0
	var sum float64
	for _, b := range list {
		if b.Share > 0 {
			sum += max(b.Share*width, least) + gap
		}
	}
	var out strings.Builder
	out.WriteString(`<svg class="ledger" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">`)
	if sum == 0 {
		out.WriteString(`<rect class="none" width="1000" height="24"/>`)
	}
	scale, x := width/max(sum-gap, 1), 0.0
	for _, b := range list {
		if b.Share > 0 {
			w := max(b.Share*width, least) * scale
			fmt.Fprintf(&out, `<rect class="%s" x="%.2f" width="%.2f" height="24"/>`, b.Colour, x, w)
			x += w + gap*scale
		}
	}
	out.WriteString("</svg>")
	return template.HTML(out.String())
}

// verdictIcon is the sign of a verdict.
func verdictIcon(v string) template.HTML {
	sign := map[string]string{
		"pass": `<path d="M14 24.5l7 7 13-14"/>`, "fail": `<path d="M17 17l14 14M31 17L17 31"/>`, "error": `<path d="M24 14v13M24 33v.5"/>`,
		"inconclusive": `<path d="M24 14v10l7 5"/>`,
	}[v]
	return template.HTML(`<svg class="sign" viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="22"/>` + sign + `</svg>`)
}
