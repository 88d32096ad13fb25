package kafka

import (
	"math"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// trueTime is the header of a row or dead letter that went out with another timestamp
// than its own: its own, in ms.
const trueTime = "parallax.timestamp"

// The configuration of topics by which brokers refuse timestamps.
const (
	timestampType    = "message.timestamp.type"
	timestampAfter   = "message.timestamp.after.max.ms"
	timestampBefore  = "message.timestamp.before.max.ms"
	timestampEither  = "message.timestamp.difference.max.ms" // until Kafka 3.6
	appendTime       = "LogAppendTime"
	unlimitedMillis  = math.MaxInt64
	largestClientMS  = math.MaxInt64 / 1_000_000 // the client counts nanoseconds
	mostSkew         = time.Minute
	skewPartOfWindow = 60
)

// timestampLimits are the timestamps that a topic takes: how far before and after the
// broker's time they may be, in ms.
type timestampLimits struct {
	before, after int64
	// replaced says that the broker gives records its own time.
	replaced bool
}

var anyTimestamp = timestampLimits{before: unlimitedMillis, after: unlimitedMillis}

// allowed returns the timestamp that the topic takes and that is nearest to ms. now is
// this machine's time: as the broker's may be another one, a sixtieth of what is
// allowed, at most a minute, is left out at the ends.
func (l timestampLimits) allowed(ms, now int64) int64 {
	least, most := row.AddTime(now, -inner(l.before)), row.AddTime(now, inner(l.after))
	return min(max(ms, least, -largestClientMS), most, largestClientMS)
}

// inner is a limit without the margin for clocks that differ.
func inner(limit int64) int64 {
	if limit == unlimitedMillis {
		return limit
	}
	return limit - min(limit/skewPartOfWindow, mostSkew.Milliseconds())
}

// stamp gives a record that is to be produced the timestamp nearest to its own that its
// topic takes. If that is another one, its own goes into a header. now is this machine's
// time, in ms.
func (o *output) stamp(r *kgo.Record, limits timestampLimits, now int64) {
	ms := r.Timestamp.UnixMilli()
	to := limits.allowed(ms, now)
	if to == ms {
		return
	}
	r.Timestamp = time.UnixMilli(to)
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: trueTime, Value: strconv.AppendInt(nil, ms, 10)})
	if o.t.stats.changedTimestamps.Add(1) == 1 {
		o.t.log.Warn("a topic refuses a record's timestamp: the record is written with the nearest timestamp that the topic accepts, and its own in a header; later ones are only counted",
			"topic", r.Topic, "timestamp", ms, "written", to, "header", trueTime)
	}
}

// timesOf are the timestamps that a topic takes: any, where that is not known.
func (o *output) timesOf(topic string) timestampLimits {
	if limits, known := o.times[topic]; known {
		return limits
	}
	return anyTimestamp
}

// setTimes notes what timestamps a topic takes.
func (o *output) setTimes(topic string, limits timestampLimits) {
	if limits.replaced && !o.times[topic].replaced {
		o.t.log.Warn("the topic uses LogAppendTime, so consumers that use the record's timestamp do not see event time; set message.timestamp.type=CreateTime",
			"topic", topic)
	}
	o.times[topic] = limits
}

// timestampsOf are the timestamps that a topic with certain settings takes.
func timestampsOf(configs []kadm.Config) timestampLimits {
	values := map[string]string{}
	for _, entry := range configs {
		values[entry.Key] = entry.MaybeValue()
	}
	limits := anyTimestamp
	if limits.replaced = values[timestampType] == appendTime; limits.replaced {
		return limits // the topic accepts any timestamp
	}
	limits.before, limits.after = millisIn(values, timestampBefore), millisIn(values, timestampAfter)
	if limits.before == unlimitedMillis {
		limits.before = millisIn(values, timestampEither)
	}
	if limits.after == unlimitedMillis {
		limits.after = millisIn(values, timestampEither)
	}
	return limits
}

// millisIn is a limit among a topic's settings: none where it is not there.
func millisIn(values map[string]string, key string) int64 {
	if ms, err := strconv.ParseInt(values[key], 10, 64); err == nil && ms >= 0 {
		return ms
	}
	return unlimitedMillis
}
