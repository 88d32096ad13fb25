package bench

import (
	"slices"
	"testing"

	"parallax/processors/row"
)

const twoStreamsAndATable = `CREATE STREAM a (k STRING) WITH (kafka_topic='a', value_format='JSON');
CREATE STREAM b (k STRING) WITH (kafka_topic='b', value_format='JSON');
CREATE TABLE t (k STRING PRIMARY KEY, v INT) WITH (kafka_topic='t', value_format='JSON');
CREATE STREAM ab AS SELECT a.k AS k FROM a JOIN b WITHIN 1 SECOND GRACE PERIOD 1 SECOND ON a.k = b.k EMIT CHANGES;
CREATE STREAM at AS SELECT t.v AS v, a.k AS k FROM a JOIN t ON a.k = t.k EMIT CHANGES;`

func TestTimeIsThatOfTheStreamThatIsBehind(t *testing.T) {
	q, err := newQuery(twoStreamsAndATable)
	if err != nil {
		t.Fatal(err)
	}
	in := &Input{
		Topics: []string{"t", "a", "b"}, Of: []uint8{0, 1, 1, 2, 0, 2, 1},
		Times: []int64{900, 10, 30, 20, 950, 40, 25},
	}
	for range in.Of {
		in.Values = append(in.Values, []byte(`{"k":"x"}`))
	}
	in.Values[2] = []byte(`{`) // has no say
	cut, err := q.cutter(in)
	if err != nil {
		t.Fatal(err)
	}
	clock := q.clock()
	var got, source []int64
	for from := 0; from < in.Len(); from += 2 {
		b, err := cut.decode(0, from, min(from+2, in.Len()))
		if err != nil {
			t.Fatal(err)
		}
		clock.tick(b)
		for i := range b.Len() {
			got, source = append(got, b.Record(i).Watermark), append(source, b.Record(i).Offset)
		}
		b.Release()
	}
	if want := []int64{row.NoWatermark, 10, 10, 10, 10, 10, 25}; !slices.Equal(got, want) {
		t.Errorf("the watermarks are %d, want %d", got, want)
	}
	if !slices.Equal(source, []int64{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("the records are %d", source)
	}
}
