package look

import (
	"parallax/diff"
	"parallax/reports/gate"
)

// Bucket is a bucket of a ledger.
type Bucket struct {
	Name, Colour, Records, Percent, Meaning string
	// Share is 0 for a bucket without records.
	Share float64
}

// Ledger returns the buckets of a ledger that have records, and those that are always shown.
func Ledger(l diff.Ledger, all, lateRecords int64) (list []Bucket) {
	for _, b := range []struct {
		name, colour, meaning string
		n                     int64
		always                bool
	}{
		{"Compared", "b1", "Both paths finished it.", l.Compared, true},
		{"Filtered", "b2", "Both paths dropped it." + late(lateRecords), l.Filtered, true},
		{"Sampled out", "b5", "Its key is not in the sample.", l.SampledOut, false},
		{"Undecodable", "b3", "It could not be decoded, and became a dead letter.", l.Undecodable, false},
		{"V1 error", "b3", "V1 rejected it.", l.V1Error, false},
		{"V2 error", "b4", "It was in the batch in which V2 failed.", l.V2Error, false},
		{"Not comparable", "b4", "V2 was detached or off.", l.NotComparable, false},
		{"Shed", "b4", "V2 was detached because of overload.", l.Shed, false},
		{"Pending", "b5", "V2 had not processed it yet.", l.Pending, false},
		{"Gap", "b4", "It is in no bucket, or in two: the tool is wrong.", l.Gap, false},
	} {
		if b.n == 0 && !b.always {
			continue
		}
		row := Bucket{Name: b.name, Colour: b.colour, Records: gate.Thousands(b.n), Percent: "–", Meaning: b.meaning}
		if all > 0 && b.n > 0 {
			row.Share = float64(b.n) / float64(all)
			row.Percent = Share(b.n, all)
		}
		list = append(list, row)
	}
	return list
}

func late(n int64) string {
	if n == 0 {
		return ""
	}
	return " " + gate.Thousands(n) + " of them came too late for every window."
}
