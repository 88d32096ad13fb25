package limits

import (
	"math"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/processors/row"
)

// The settings of topics by which brokers refuse timestamps.
const (
	timestampType   = "message.timestamp.type"
	TimestampAfter  = "message.timestamp.after.max.ms"
	timestampBefore = "message.timestamp.before.max.ms"
	timestampEither = "message.timestamp.difference.max.ms" // until Kafka 3.6
	appendTime      = "LogAppendTime"
)

const (
	// Unlimited is the value of a setting that refuses no timestamp.
	Unlimited        = math.MaxInt64
	largestClientMS  = math.MaxInt64 / 1_000_000 // the client counts nanoseconds
	mostSkew         = time.Minute
	skewPartOfWindow = 60
)

// Times are the timestamps that a topic accepts: how far before and after the
// broker's time they may be, in ms.
type Times struct {
	Before, After int64
	// IsReplaced says that the broker replaces the timestamps with its own time.
	IsReplaced bool
}

// AnyTime accepts every timestamp that the client can write.
var AnyTime = Times{Before: Unlimited, After: Unlimited}

// Allowed returns the timestamp nearest to ms that the topic accepts. now is this machine's
// time: the broker's clock may differ, so a margin of a sixtieth of the allowed time, at most
// a minute, is kept at both ends.
func (l Times) Allowed(ms, now int64) int64 {
	least, most := row.AddTime(now, -inner(l.Before)), row.AddTime(now, inner(l.After))
	return min(max(ms, least, -largestClientMS), most, largestClientMS)
}

// inner returns a limit without the margin for clocks that differ.
func inner(limit int64) int64 {
	if limit == Unlimited {
		return limit
	}
	return limit - min(limit/skewPartOfWindow, mostSkew.Milliseconds())
}

// TimesOf returns the timestamps that a topic with these settings accepts.
func TimesOf(configs []kadm.Config) Times {
	values := map[string]string{}
	for _, entry := range configs {
		values[entry.Key] = entry.MaybeValue()
	}
	l := AnyTime
	if l.IsReplaced = values[timestampType] == appendTime; l.IsReplaced {
		return l // the topic accepts any timestamp
	}
	l.Before, l.After = millisIn(values, timestampBefore), millisIn(values, TimestampAfter)
	if l.Before == Unlimited {
		l.Before = millisIn(values, timestampEither)
	}
	if l.After == Unlimited {
		l.After = millisIn(values, timestampEither)
	}
	return l
}

// millisIn returns the limit in a setting, Unlimited if the topic does not have it.
func millisIn(values map[string]string, key string) int64 {
	if ms, err := strconv.ParseInt(values[key], 10, 64); err == nil && ms >= 0 {
		return ms
	}
	return Unlimited
}
