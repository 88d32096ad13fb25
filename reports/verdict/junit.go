package verdict

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
)

// The document as JUnit XML: a test case for each rule, each signature and each output
// topic. A divergence is a failure; a fault of the tool and missing evidence are errors. No
// case is skipped, because CI servers count skipped cases as good ones.

type testSuites struct {
	XMLName  xml.Name    `xml:"testsuites"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Suites   []testSuite `xml:"testsuite"`
}

type testSuite struct {
	Name      string     `xml:"name,attr"`
	Tests     int        `xml:"tests,attr"`
	Failures  int        `xml:"failures,attr"`
	Errors    int        `xml:"errors,attr"`
	Skipped   int        `xml:"skipped,attr"`
	Timestamp string     `xml:"timestamp,attr"`
	Time      string     `xml:"time,attr"`
	Cases     []testCase `xml:"testcase"`
}

type testCase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Failure *problem `xml:"failure"`
	Error   *problem `xml:"error"`
	Output  string   `xml:"system-out,omitempty"`
}

type problem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the document as JUnit XML.
func (d Document) JUnit(w io.Writer) error {
	suites := testSuites{Name: "parallax " + d.Job}
	for _, s := range []testSuite{
		{Name: "rules", Cases: d.ruleCases()},
		{Name: "signatures", Cases: d.signatureCases()},
		{Name: "outputs", Cases: d.outputCases()},
	} {
		s.Timestamp, s.Time = d.MadeAt.Format(time.DateOnly+"T15:04:05"), "0"
		for i := range s.Cases {
			c := &s.Cases[i]
			c.Class, c.Time = "parallax."+strings.ReplaceAll(d.Job, ".", "_")+"."+s.Name, "0"
			s.Tests++
			switch {
			case c.Failure != nil:
				s.Failures++
			case c.Error != nil:
				s.Errors++
			}
		}
		suites.Tests, suites.Failures, suites.Errors = suites.Tests+s.Tests, suites.Failures+s.Failures, suites.Errors+s.Errors
		suites.Suites = append(suites.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suites); err != nil {
		return fmt.Errorf("write the verdict as JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (d Document) ruleCases() (cases []testCase) {
	for _, r := range d.Rules {
		c := testCase{Name: r.Name + ": " + r.Wants}
		c.notes(r.State, r.Reason)
		cases = append(cases, c)
	}
	return cases
}

// notes sets what a state is in JUnit.
func (c *testCase) notes(s gate.State, reason string) {
	switch s {
	case gate.Pass:
	case gate.Fail:
		c.Failure = &problem{reason, "divergence", reason}
	case gate.Error:
		c.Error = &problem{reason, "error", reason}
	default:
		c.Error = &problem{reason, "inconclusive", reason}
	}
}

func (d Document) signatureCases() (cases []testCase) {
	by := map[string]gate.AcceptedSignature{}
	for _, a := range d.Accepted {
		by[a.Signature] = a
	}
	for i := range d.Signatures {
		s := &d.Signatures[i]
		text := s.text()
		c := testCase{Name: s.ID}
		a := by[s.ID]
		switch {
		case s.IsAccepted && a.HasExpired:
			c.notes(gate.Inconclusive, fmt.Sprintf("%s, accepted by %s, which expired on %s: %s", text, a.Owner, a.Expires, a.Reason))
		case s.IsAccepted:
			c.Output = fmt.Sprintf("%s, accepted by %s until %s: %s", text, a.Owner, a.Expires, a.Reason)
		default:
			c.notes(gate.Fail, text)
		}
		cases = append(cases, c)
	}
	return cases
}

// text describes a signature in one line.
func (s *Signature) text() string {
	text := string(s.Class)
	if s.Topic != "" {
		text += " in " + s.Topic
	}
	if len(s.Columns) > 0 {
		text += ": " + strings.Join(s.Columns, ", ")
	}
	text += fmt.Sprintf(" (%s, %s root)", counted(s.Count, "divergence"), gate.Thousands(s.Roots))
	if s.Hypothesis != "" {
		text += "; " + s.Hypothesis
	}
	return text
}

func (d Document) outputCases() (cases []testCase) {
	for _, o := range d.Outputs {
		c := testCase{Name: o.Topic}
		held := fmt.Sprintf("%s: held %s over %s and %s %s", o.Topic, o.LevelHeld, counted(o.Rows, "row"), gate.Thousands(o.Units), o.Unit)
		switch {
		case o.Rows == 0:
			c.notes(gate.Inconclusive, o.Topic+": no row was compared")
		case d.holds(o):
			c.Output = held
		default:
			c.notes(gate.Fail, fmt.Sprintf("%s, and %s is required", held, d.Policy.RequireLevel))
		}
		cases = append(cases, c)
	}
	return cases
}

// holds reports whether an output has the required level, apart from accepted differences.
func (d Document) holds(o diff.Output) bool {
	left, isAccepted := o.Root, false
	for i := range d.Signatures {
		if s := &d.Signatures[i]; s.IsAccepted && s.Topic == o.Topic {
			left, isAccepted = left-s.Roots, true
		}
	}
	return left <= 0 && (isAccepted || o.LevelHeld >= d.Policy.RequireLevel)
}

func counted(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return gate.Thousands(n) + " " + what + "s"
}
