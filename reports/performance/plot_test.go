package performance

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"parallax/shadow/bench"
)

// label is a text of a picture and the box that it needs at most.
type label struct {
	text                     string
	left, top, right, bottom float64
}

// labels reads a picture's texts, and the picture's size. A picture that is not
// well-formed is an error.
func labels(picture string) (list []label, width, height float64, err error) {
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list, width, height, nil
		}
		if err != nil {
			return nil, 0, 0, err
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		at := map[string]string{}
		for _, a := range element.Attr {
			at[a.Name.Local] = a.Value
		}
		number := func(name string) float64 {
			v, _ := strconv.ParseFloat(at[name], 64)
			return v
		}
		switch element.Name.Local {
		case "svg":
			width, height = number("width"), number("height")
		case "text":
			var text string
			if err := d.DecodeElement(&text, &element); err != nil {
				return nil, 0, 0, err
			}
			x, y, size := number("x"), number("y"), number("font-size")
			w := textWidth(text, size)
			switch at["text-anchor"] {
			case "middle":
				x -= w / 2
			case "end":
				x -= w
			}
			list = append(list, label{text, x, y - 0.75*size, x + w, y + 0.2*size})
		}
	}
}

func TestPicturesAreWellFormedAndTheirTextsFit(t *testing.T) {
	full, small := document(), document()
	small.Results[0].NsPerRecord = &bench.Spread{Min: 9, Median: 9.5, Max: 10} // one bar much longer than the others
	small.Scaling[3].Speedup = 23
	for i := range small.SideBySide[0].On.Latency {
		small.SideBySide[0].On.Latency[i].Ns *= 900
	}
	for _, d := range []*bench.Document{full, small} {
		for _, p := range plots {
			picture := p.draw(d)
			list, width, height, err := labels(picture)
			if err != nil {
				t.Fatalf("%s: %v", p.file, err)
			}
			if len(list) < 10 {
				t.Errorf("%s has %d texts", p.file, len(list))
			}
			for i, l := range list {
				if l.left < 0 || l.top < 0 || l.right > width || l.bottom > height {
					t.Errorf("%s: %q leaves the picture (%.0f x %.0f): %+v", p.file, l.text, width, height, l)
				}
				for _, other := range list[:i] {
					if l.left < other.right && other.left < l.right && l.top < other.bottom && other.top < l.bottom {
						t.Errorf("%s: %q and %q lie on one another", p.file, l.text, other.text)
					}
				}
			}
		}
	}
}

func TestAPredictionIsCalledOne(t *testing.T) {
	if picture := ScalingPlot(document()); !strings.Contains(picture, "a prediction") {
		t.Error("the picture does not say that it shows a prediction")
	}
	if text := scalingSection(document()); !strings.Contains(text, "predicted") {
		t.Error("the table does not say that it shows a prediction")
	}
}

func TestNothingMeasuredIsNoPicture(t *testing.T) {
	for _, p := range plots {
		if picture := p.draw(&bench.Document{}); picture != "" {
			t.Errorf("%s: %s", p.file, picture)
		}
	}
}

func TestNiceSteps(t *testing.T) {
	for to, want := range map[float64]float64{5: 1, 17.6: 5, 0.9: 0.2, 60: 10} {
		if got := niceStep(to, 6); got != want {
			t.Errorf("6 steps to %v are of %v, want %v", to, got, want)
		}
	}
}

// textWidth is how wide a text is, at most: fonts differ.
func textWidth(s string, size float64) float64 { return 0.58 * size * float64(len([]rune(s))) }
