package host

import "testing"

func TestAProcessKnowsWhatItUses(t *testing.T) {
	read := ProcessCPU()
	before := read()
	for sum := 0; ; sum++ {
		if r := read(); r.Used > before.Used && r.CPUs > 0 && r.Waited >= 0 {
			return // it has worked
		}
	}
}
