package kafka

import (
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/kafka/limits"
)

// trueTime is the header with the own timestamp, in ms, of a row or dead letter that was
// written with another one.
const trueTime = "parallax.timestamp"

// stamp sets the timestamp of a record, before it is produced, to the nearest one that its
// topic accepts. If that changes it, the record's own goes into a header. now is this machine's
// time, in ms.
func (o *output) stamp(r *kgo.Record, accepts limits.Times, now int64) {
	ms := r.Timestamp.UnixMilli()
	to := accepts.Allowed(ms, now)
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

// timesOf returns the timestamps that a topic accepts: any, if that is not known.
func (o *output) timesOf(topic string) limits.Times {
	if accepts, isKnown := o.times[topic]; isKnown {
		return accepts
	}
	return limits.AnyTime
}

// setTimes records which timestamps a topic accepts.
func (o *output) setTimes(topic string, accepts limits.Times) {
	if accepts.IsReplaced && !o.times[topic].IsReplaced {
		o.t.log.Warn("the topic uses LogAppendTime, so consumers that use the record's timestamp do not see event time; set message.timestamp.type=CreateTime",
			"topic", topic)
	}
	o.times[topic] = accepts
}
