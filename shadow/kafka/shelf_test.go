package kafka

import "testing"

func TestASlabComesBackEmptyAndWideEnough(t *testing.T) {
	var s shelf
	first := s.take(3)
	for i := range first.records {
		from := len(first.bytes)
		first.bytes = append(first.bytes, "0123456789"...)
		first.records[i].Value = first.bytes[from:]
		first.records[i].Topic = "out"
	}
	s.give([]*slab{first})
	again := s.take(2)
	if again != first {
		t.Fatal("a new slab was made while one was free")
	}
	for _, r := range again.records[:cap(again.records)] {
		if r.Topic != "" || r.Value != nil {
			t.Errorf("a record came back as %+v", r)
		}
	}
	if len(again.bytes) != 0 || len(again.records) != 2 {
		t.Errorf("%d bytes and %d records, want none and 2", len(again.bytes), len(again.records))
	}
	if other := s.take(5); cap(other.bytes) < 50 || len(other.records) != 5 {
		t.Errorf("rows took 10 bytes, and 5 of them get %d", cap(other.bytes))
	}
}
