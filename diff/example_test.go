package diff_test

import (
	"fmt"

	"parallax/diff"
	"parallax/processors/row"
)

// V2's row for key A differs in one column.
func ExampleDiffer_Compare() {
	sink := &row.Sink{
		Name: "TOTALS", Topic: "totals",
		Key:    []row.Column{{Name: "SYMBOL", Type: row.Type{Kind: row.String}}},
		Values: []row.Column{{Name: "TOTAL", Type: row.Type{Kind: row.Int}}},
	}
	batch := row.NewBatch(0, 0, []row.Record{{TopicPartition: row.TopicPartition{Topic: "trades"}, Watermark: row.NoWatermark}}, nil)
	outcome := func(total int32) *row.Outcome {
		return &row.Outcome{
			Batch: batch, Raw: 1, Dispositions: make([]row.Disposition, 1),
			Changes: []row.Change{{Phase: 1, Key: []row.Value{row.NewString("A")}, Values: []row.Value{row.NewInt(int64(total))}}},
		}
	}
	d := diff.New([]*row.Sink{sink}, diff.Options{})
	d.Compare(outcome(15), outcome(10))
	for _, s := range d.Result().Signatures {
		fmt.Println(s.Class, "in", s.Columns)
	}
	fmt.Println("level held:", d.Result().LevelHeld)
	// Output:
	// value in [TOTAL]
	// level held: none
}
