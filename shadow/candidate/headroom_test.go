package candidate

import (
	"strings"
	"testing"
	"time"

	"parallax/shadow/host"
)

// second is what happened in a second: how long V1's source waited, and what the
// process had of the CPUs and waited for.
type second struct{ idle, used, waited time.Duration }

func TestThereIsNoCPUForV2WhileASaturatedV1LeavesNone(t *testing.T) {
	const ms = time.Millisecond
	busy := func(used, waited time.Duration) second { return second{used: used, waited: waited} }
	for _, c := range []struct {
		name       string
		cpus       float64
		seconds    []second
		none, some bool
	}{
		{name: "all used", cpus: 1, seconds: []second{busy(980*ms, 0), busy(990*ms, 0), busy(1000*ms, 0)}, none: true},
		{name: "not for long enough", cpus: 1, seconds: []second{busy(1000*ms, 0), busy(1000*ms, 0)}},
		{name: "others have it", cpus: 2, seconds: []second{busy(1100*ms, 850*ms), busy(1200*ms, 800*ms), busy(900*ms, 1200*ms)}, none: true},
		{name: "a CPU to spare", cpus: 2, seconds: []second{busy(1500*ms, 0), busy(1500*ms, 0), busy(1500*ms, 0)}, some: true},
		{name: "neither much nor nothing left", cpus: 1, seconds: []second{busy(850*ms, 0), busy(850*ms, 0), busy(850*ms, 0)}},
		{name: "half a CPU is what there is", cpus: 0.5, seconds: []second{busy(480*ms, 0), busy(480*ms, 0), busy(480*ms, 0)}, none: true},
		{name: "V1 has time left", cpus: 1, seconds: []second{{300 * ms, 1000 * ms, 0}, {300 * ms, 1000 * ms, 0}, {300 * ms, 1000 * ms, 0}}, some: true},
		{name: "V1 waited just now", cpus: 1, seconds: []second{busy(1000*ms, 0), busy(1000*ms, 0), {100 * ms, 1000 * ms, 0}, busy(1000*ms, 0)}},
		{name: "a stolen second does not undo what was", cpus: 1, seconds: []second{busy(1000*ms, 0), busy(1000*ms, 0), busy(700*ms, 0), busy(1000*ms, 0), busy(1000*ms, 0)}, none: true},
		{name: "it is not known", cpus: 0, seconds: []second{busy(0, 0), busy(0, 0), busy(0, 0), busy(0, 0)}},
		{name: "threads ended", cpus: 1, seconds: []second{busy(1000*ms, 0), busy(1000*ms, -5000*ms), busy(1000*ms, 0)}, none: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Default()
			cfg.ShedAfter = 3 * time.Second
			h := Headroom{cfg: cfg, meter: &host.CPUMeter{}}
			at := host.CPUSample{CPUReading: host.CPUReading{CPUs: c.cpus, Used: time.Hour, Waited: time.Minute}, At: time.Unix(1, 0)}
			waited := time.Hour
			h.observe(at, waited)
			for _, s := range c.seconds {
				at.At = at.At.Add(time.Second)
				at.Used += s.used
				at.Waited += s.waited
				waited += s.idle
				h.observe(at, waited)
			}
			if why := h.missing(); (why != nil) != c.none || h.HasRoom() != c.some {
				t.Errorf("none: %v, some: %v; want %v and %v", why, h.HasRoom(), c.none, c.some)
			} else if c.none && !strings.Contains(why.Error(), "V1 is saturated and no CPU is left") {
				t.Error(why)
			}
			if h.Forget(); h.missing() != nil || h.HasRoom() {
				t.Error("what was is not forgotten")
			}
		})
	}
}
