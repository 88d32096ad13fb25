package candidate

import (
	"testing"

	"parallax/shadow/host"
)

func TestTheDefaultOfV2sMemoryFitsTheContainer(t *testing.T) {
	for limit, want := range map[int64]int64{
		0:                         1 << 30, // no limit
		2 << 30:                   256 << 20,
		8 << 30:                   1 << 30,
		64 << 30:                  1 << 30,
		9_223_372_036_854_771_712: 1 << 30, // what version 1 says for no limit
	} {
		if got := defaultMemory(limit); got != want {
			t.Errorf("a container of %d bytes: v2.memory %d, want %d", limit, got, want)
		}
	}
	if got, want := Default().Memory, defaultMemory(host.MemoryLimit()); got != want {
		t.Errorf("v2.memory is %d by default, want %d in this process's control group", got, want)
	}
}
