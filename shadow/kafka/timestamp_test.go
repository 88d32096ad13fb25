package kafka_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/shadow/kafka"
)

// at fills topic trades, of one partition, with a record at each event time, which is
// its own timestamp as well.
func (p *place) at(t *testing.T, times ...time.Time) {
	t.Helper()
	p.fill(t, 0, 1)
	c := p.newClient(t)
	defer c.Close()
	for i, at := range times {
		value := fmt.Appendf(nil, `{"symbol":"S","quantity":%d,"ts":%d}`, i, at.UnixMilli())
		if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Value: value, Timestamp: at}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// configured lets the broker say of every topic that it has certain settings.
func (p *place) configured(settings ...string) {
	p.fake.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		p.fake.KeepControl()
		resp := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
		for _, asked := range r.(*kmsg.DescribeConfigsRequest).Resources {
			resource := kmsg.NewDescribeConfigsResponseResource()
			resource.ResourceType, resource.ResourceName = asked.ResourceType, asked.ResourceName
			for _, s := range settings {
				config := kmsg.NewDescribeConfigsResponseResourceConfig()
				name, value, _ := strings.Cut(s, "=")
				config.Name, config.Value = name, &value
				resource.Configs = append(resource.Configs, config)
			}
			resp.Resources = append(resp.Resources, resource)
		}
		return resp, nil, true
	})
}

func TestARowBeyondWhatItsTopicTakesKeepsItsTimeInAHeader(t *testing.T) {
	for shows, c := range map[string]struct {
		settings []string
		moved    bool
	}{
		"Kafka 3.6 and later":         {[]string{"message.timestamp.after.max.ms=3600000"}, true},
		"before":                      {[]string{"message.timestamp.difference.max.ms=3600000"}, true},
		"the newer setting counts":    {[]string{"message.timestamp.difference.max.ms=1", "message.timestamp.after.max.ms=3600000", "message.timestamp.before.max.ms=3600000"}, true},
		"any timestamp is accepted":   {[]string{"message.timestamp.after.max.ms=9223372036854775807"}, false},
		"the broker sets the time":    {[]string{"message.timestamp.after.max.ms=3600000", "message.timestamp.type=LogAppendTime"}, false},
		"a broker that says no limit": {nil, false},
	} {
		t.Run(shows, func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				now := time.Now()
				p.at(t, now, now.Add(59*time.Minute), now.Add(48*time.Hour))
				client := p.newClient(t)
				bad := &kgo.Record{Topic: p.prefix + "trades", Value: []byte("no record"), Timestamp: now.Add(24 * time.Hour)}
				if err := client.ProduceSync(t.Context(), bad).FirstErr(); err != nil {
					t.Fatal(err)
				}
				client.Close()
				p.configured(c.settings...)
				pl := p.compile(t, copies)
				task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
				if err != nil {
					t.Fatal(err)
				}
				most := time.Now().Add(59 * time.Minute).UnixMilli() // when the rows are written: no time passes while there is work
				if _, err := work(t.Context(), t, task, pl, 0); err != nil {
					t.Fatal(err)
				}
				if err := task.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				begin := now.UnixMilli()
				row := func(n int, at, own int64) string {
					text := fmt.Sprintf(`0 "" {"SYMBOL":"S","QUANTITY":%d} %d`, n, at)
					if at != own {
						text += fmt.Sprintf(" parallax.timestamp=%d", own)
					}
					return text
				}
				late, letter := begin+48*3_600_000, begin+24*3_600_000
				hour := begin + 59*60_000
				want := []string{row(0, begin, begin), row(1, hour, hour), row(2, late, late)}
				if c.moved {
					want[2] = row(2, most, late)
				}
				if got := p.read(t, "copies"); !slices.Equal(got, want) {
					t.Errorf("rows are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
				dead := p.read(t, "trades.dlq")
				if len(dead) != 1 || strings.Contains(dead[0], fmt.Sprintf("parallax.timestamp=%d", letter)) != c.moved || strings.Contains(dead[0], fmt.Sprintf("no record %d ", letter)) == c.moved {
					t.Errorf("dead letters are %q", dead)
				}
				changed := int64(0)
				if c.moved {
					changed = 2
				}
				if got := task.Stats().ChangedTimestamps; got != changed {
					t.Errorf("%d changed timestamps are counted, want %d", got, changed)
				}
			})
		})
	}
}

func TestATopicThatIsCreatedTakesAnyTimestampWhereTheBrokerCan(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("known %v", known), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				p.fill(t, 0, 1)
				const setting = "message.timestamp.after.max.ms"
				var asked []string
				p.fake.ControlKey(int16(kmsg.CreateTopics), func(r kmsg.Request) (kmsg.Response, error, bool) {
					p.fake.KeepControl()
					topic := &r.(*kmsg.CreateTopicsRequest).Topics[0]
					text := topic.Topic
					for _, c := range topic.Configs {
						text += " " + c.Name + "=" + *c.Value
					}
					asked = append(asked, text)
					i := slices.IndexFunc(topic.Configs, func(c kmsg.CreateTopicsRequestTopicConfig) bool { return c.Name == setting })
					if i >= 0 && known {
						topic.Configs = slices.Delete(topic.Configs, i, i+1)
					} else if i >= 0 {
						resp := r.ResponseKind().(*kmsg.CreateTopicsResponse)
						answer := kmsg.NewCreateTopicsResponseTopic()
						answer.Topic, answer.ErrorCode = topic.Topic, kerr.InvalidConfig.Code
						resp.Topics = append(resp.Topics, answer)
						return resp, nil, true
					}
					return nil, nil, false
				})
				p.whole(t, "g", p.compile(t, totals), kafka.Options{UntilEnd: true, Flush: true, Stateful: true})
				want := []string{"totals cleanup.policy=compact " + setting + "=9223372036854775807", "totals cleanup.policy=compact"}
				if known {
					want = want[:1]
				}
				for i := range asked { // the settings are in no order
					words := strings.Fields(asked[i])
					slices.Sort(words[1:])
					asked[i] = strings.Join(words, " ")
				}
				if !slices.Equal(asked, want) {
					t.Errorf("asked for %q, want %q", asked, want)
				}
				c := p.newClient(t)
				defer c.Close()
				if topics, err := kadm.NewClient(c).ListTopics(t.Context(), "totals"); err != nil || topics["totals"].Err != nil {
					t.Errorf("the topic is not there: %v, %v", err, topics)
				}
			})
		})
	}
}

func TestARefusedTimestampNamesTheRecordThatCausedIt(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		now := time.Now()
		p.at(t, now, now.Add(time.Minute), now.Add(72*time.Hour), now.Add(time.Second))
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		p.fake.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			resp := r.ResponseKind().(*kmsg.ProduceResponse)
			for _, topic := range r.(*kmsg.ProduceRequest).Topics {
				answer := kmsg.NewProduceResponseTopic()
				answer.Topic, answer.TopicID = topic.Topic, topic.TopicID
				for _, partition := range topic.Partitions {
					one := kmsg.NewProduceResponseTopicPartition()
					one.Partition, one.ErrorCode = partition.Partition, kerr.InvalidTimestamp.Code
					answer.Partitions = append(answer.Partitions, one)
				}
				resp.Topics = append(resp.Topics, answer)
			}
			return resp, nil, true
		})
		_, err = work(t.Context(), t, task, pl, 0)
		if !errors.Is(err, kerr.InvalidTimestamp) || !strings.Contains(err.Error(), "trades/0@2") {
			t.Errorf("%v, want INVALID_TIMESTAMP with the record trades/0@2", err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
