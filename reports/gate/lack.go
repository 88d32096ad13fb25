package gate

import (
	"fmt"
	"time"
)

// Lack is how much of something is missing for a pass, and when it will be there.
type Lack struct {
	// What is counted, such as "keys of totals"; Count is how many are missing.
	What  string `json:"what"`
	Count int64  `json:"count"`
	// Takes is how long that takes at the present rate, in seconds; null where there is no
	// rate. Rate says which rate that is.
	Takes *int64 `json:"takes_s"`
	Rate  string `json:"rate,omitempty"`
}

// rate is how fast something is counted, and over which time that was measured.
type rate struct {
	perHour float64
	over    string
}

// lack returns what is missing with its estimate.
func lack(what string, count int64, r rate) *Lack {
	l := &Lack{What: what, Count: count}
	if r.perHour > 0 {
		// More than a century is no estimate.
		if hours := float64(count) / r.perHour; hours < 24*365*100 {
			seconds := int64(hours * 3600)
			l.Takes, l.Rate = &seconds, r.over
		}
	}
	return l
}

// estimate is the end of a sentence that says what is missing.
func (l *Lack) estimate() string {
	if l.Takes == nil {
		return ""
	}
	return fmt.Sprintf(", about %s at the rate of %s", roughly(time.Duration(*l.Takes)*time.Second), l.Rate)
}

// roughly shows a duration to two units: 40 s, 2 h 10 min, 3 d 4 h.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(d.Seconds())))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// recordRate is how many records were compared or filtered in an hour.
func recordRate(e Evidence) rate {
	return rateOf(e, e.Ledger.Compared+e.Ledger.Filtered, func(p point) int64 { return p.Records })
}

// unitRate is how many units of an output were compared for the first time in an hour.
func unitRate(e Evidence, topic string, units int64) rate {
	return rateOf(e, units, func(p point) int64 { return p.Units[topic] })
}

// rateOf is the rate of the last hour of stored evidence, or else that of all evidence. A
// run that has ended, and is not stored, goes on at no rate.
func rateOf(e Evidence, all int64, of func(point) int64) rate {
	s := e.Stored
	if s == nil {
		if hours := e.Ended.Sub(e.Started).Hours(); e.Running && hours > 0 {
			return rate{float64(all) / hours, "this run"}
		}
		return rate{}
	}
	if s.Last.Sub(s.First) > time.Hour {
		var n int64
		from := s.Last
		for _, p := range s.Timeline {
			if p.To.After(s.Last.Add(-time.Hour)) {
				n += of(p)
				if p.From.Before(from) {
					from = p.From
				}
			}
		}
		if hours := s.Last.Sub(from).Hours(); n > 0 && hours > 0 {
			return rate{float64(n) / hours, "the last hour"}
		}
	}
	if hours := s.Last.Sub(s.First).Hours(); hours > 0 {
		return rate{float64(all) / hours, "all of this evidence"}
	}
	return rate{}
}

// atLeast says how many more are needed to reach a minimum of the policy.
func atLeast(what string, have, want int64, knob string, r rate) []finding {
	if have >= want {
		return nil
	}
	l := lack(what, want-have, r)
	return []finding{{
		text: fmt.Sprintf("needs %s more %s (%s of %s, %s)%s", Thousands(want-have), what, Thousands(have), Thousands(want), knob, l.estimate()),
		lack: l,
	}}
}
