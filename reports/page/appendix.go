package page

import (
	"fmt"
	"slices"
	"strings"

	"parallax/reports/gate"
	"parallax/reports/look"
)

type appendixView struct {
	Run         []fact
	GateRules   []gateRule
	Offsets     []offsetRow
	MoreOffsets string
	Deliveries  []deliveryRow
	Terms       []fact
}

type deliveryRow struct{ Report, Channel, At, Kind, Outcome, Detail string }

type gateRule struct{ Name, Wants, Kind, State, Reason string }

type offsetRow struct{ Name, From, To string }

const mostOffsets = 500

func (p *painter) appendix() appendixView {
	s, of := &p.Summary, p.Stretch
	v := appendixView{Terms: terms, MoreOffsets: more(len(s.Offsets), mostOffsets, "topic-partitions")}
	for _, f := range []fact{
		{"Report", p.ID},
		{"Verdict", p.Verdict.ID},
		{"Expires", p.expires()},
		{"Run", of.Identity.Run},
		{"V1", of.Identity.V1},
		{"V2", of.Identity.V2},
		{"Fingerprint", of.Identity.Fingerprint},
		{"Rules", of.Identity.Rules},
		{"Redaction", of.Identity.Redaction},
		{"Program", "parallax " + s.Version + " " + s.Commit},
		{"Positions", fmt.Sprintf("%s to %s", gate.Thousands(of.From), gate.Thousands(of.To))},
		{"Policy", s.Policy.Text()},
		{"Digest of the policy", p.Verdict.Digests.Policy},
		{"Digest of the acceptances", p.Verdict.Digests.Accepted},

		{"Detail that was deleted", of.DetailGone},
		{"Earlier runs without a pass", gate.Thousands(int64(of.Retries))},
	} {
		if f.Value != "" {
			v.Run = append(v.Run, fact{f.Name, look.Text(f.Value)})
		}
	}
	for _, f := range clip(slices.Concat(p.Verdict.Migration.Facts(), p.Summary.EmissionFacts()), mostOffsets) {
		v.Run = append(v.Run, fact{strings.ToUpper(f[0][:1]) + f[0][1:], look.Text(f[1])})
	}
	for _, r := range clip(p.Verdict.Rules, mostOffsets) {
		state := "holds"
		if r.State != gate.Pass {
			state = string(r.State)
		}
		v.GateRules = append(v.GateRules, gateRule{look.Name(r.Name), look.Text(r.Wants), kindOf(string(r.State)), state, look.Text(r.Reason)})
	}
	for _, o := range clip(s.Offsets, mostOffsets) {
		v.Offsets = append(v.Offsets, offsetRow{fmt.Sprintf("%s/%d", look.Name(o.Topic), o.Partition), gate.Thousands(o.From), gate.Thousands(o.To)})
	}
	for _, a := range clip(p.Document.Deliveries, mostOffsets) {
		row := deliveryRow{p.moment(a.Report), look.Text(a.Channel), p.moment(a.At), "pass", "delivered", look.Text(a.Detail)}
		if !a.IsDelivered {
			row.Kind, row.Outcome = "fail", "failed"
		}
		v.Deliveries = append(v.Deliveries, row)
	}
	return v
}

// expires returns when the verdict expires.
func (p *painter) expires() string {
	if p.Verdict.Expires == nil {
		return ""
	}
	return p.moment(*p.Verdict.Expires)
}

// terms explain the words of the report.
var terms = []fact{
	{"Pass, fail", "Pass: the evidence shows that V2 does what V1 does, at the required level. Fail: a difference was found that neither a rule tolerates nor a person accepted."},
	{"Inconclusive, error", "Inconclusive: no difference that is not accepted was found, and there is not enough evidence for a pass, or the evidence is of another V2. Error: the run or the comparison failed, so nothing is known about V2."},
	{"Level", "How strictly both outputs agree, from E1 (the same rows in the same order) to E6 (the same final table). A stronger level implies the weaker ones."},
	{"Unit, key", "The evidence counts units: a key in a window, a key, or a row. Rows of one key share state, so a million rows of one key are one key's evidence."},
	{"Signature", "Differences of one class, in one topic, with the same columns. Its id stays the same from report to report."},
	{"Root, cascade", "A root is the first difference of a key. A cascade follows from it until the key agrees again."},
	{"Ledger", "Every input record is in exactly one bucket. Only compared and filtered records are evidence."},
	{"Hole", "A part of the input without evidence: V2 was away, or the evidence was not stored."},
	{"Sensitivity", "Changed copies of V2's rows go through the same comparison, which must detect each of them."},
	{"Shadow tax", "How much longer V1 takes for a record because V2 runs beside it."},
	{"Interval", "The true figure is within a 95 % interval in 95 of 100 such measurements."},
}
