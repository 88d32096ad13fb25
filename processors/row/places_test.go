package row

import (
	"maps"
	"testing"

	"pgregory.net/rapid"
)

func TestPlacesAreAMapOfTopicPartitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Places[int]
		want := map[TopicPartition]int{}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			tp := TopicPartition{
				Topic:     rapid.SampledFrom([]string{"", "a", "b", "trades"}).Draw(t, "topic"),
				Partition: rapid.SampledFrom([]int32{0, 1, 2, 7, 5000, 1 << 30, -1}).Draw(t, "partition"),
			}
			if got := *p.At(tp); got != want[tp] {
				t.Fatalf("%v holds %d, want %d", tp, got, want[tp])
			}
			*p.At(tp)++
			want[tp]++
		}
		got := map[TopicPartition]int{}
		p.All(func(tp TopicPartition, n *int) { got[tp] = *n })
		if !maps.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
