package look_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var colour = regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6});`)

// schemes returns the colours of the style sheet by scheme.
func schemes(t *testing.T) map[string]map[string]string {
	text, err := os.ReadFile("tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	parts := strings.SplitN(string(text), ":root {", 4)
	for i, name := range []string{"light", "dark", "print"} {
		block, _, _ := strings.Cut(parts[i+1], "}")
		out[name] = map[string]string{}
		for _, m := range colour.FindAllStringSubmatch(block, -1) {
			out[name][m[1]] = m[2]
		}
	}
	return out
}

// luminance is the relative luminance of WCAG 2.
func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrastIsAAInEveryScheme: 4.5 for text, 3 for lines and bars that carry meaning.
func TestContrastIsAAInEveryScheme(t *testing.T) {
	type pair struct {
		front, back string
		least       float64
	}
	pairs := []pair{
		{"ink", "page", 4.5},
		{"ink", "card", 4.5},
		{"ink", "tint", 4.5},
		{"muted", "page", 4.5},
		{"muted", "card", 4.5},
		{"muted", "tint", 4.5},
		{"link", "page", 4.5},
		{"v1", "card", 3},
		{"v2", "card", 3},
		{"bar-1", "card", 3},
		{"bar-4", "card", 3},
		{"fail", "card", 4.5},
	}
	for _, kind := range []string{"pass", "fail", "inconclusive", "error"} {
		pairs = append(pairs, pair{kind, kind + "-tint", 4.5}, pair{"ink", kind + "-tint", 4.5}, pair{"muted", kind + "-tint", 4.5})
	}
	for scheme, colours := range schemes(t) {
		for _, p := range pairs {
			if colours[p.front] == "" || colours[p.back] == "" {
				t.Fatalf("%s has no colour %s or %s", scheme, p.front, p.back)
			}
			if c := contrast(colours[p.front], colours[p.back]); c < p.least {
				t.Errorf("%s: %s on %s has a contrast of %.2f, and %.1f is needed", scheme, p.front, p.back, c, p.least)
			}
		}
	}
}

func TestContrastIsComputedAsWCAGDoes(t *testing.T) {
	if c := contrast("000000", "ffffff"); math.Abs(c-21) > 1e-9 {
		t.Errorf("black on white: %v", c)
	}
	if c := contrast("777777", "ffffff"); math.Abs(c-4.48) > 0.01 {
		t.Errorf("grey on white: %v", c)
	}
}
