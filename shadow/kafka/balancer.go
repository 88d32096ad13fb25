package kafka

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// single assigns all topic-partitions to one member: one instance is active and the others
// wait. It is cooperative, so that the active instance keeps its topic-partitions while another
// one joins.
type single struct{}

func (single) ProtocolName() string { return "parallax-single" }

func (single) IsCooperative() bool { return true }

// JoinGroupMetadata tells the leader what this member owns now.
func (single) JoinGroupMetadata(topics []string, owned map[string][]int32, generation int32) []byte {
	m := kmsg.NewConsumerMemberMetadata()
	m.Version = 3
	m.Topics = topics
	m.Generation = generation
	for topic, partitions := range owned {
		o := kmsg.NewConsumerMemberMetadataOwnedPartition()
		o.Topic, o.Partitions = topic, partitions
		m.OwnedPartitions = append(m.OwnedPartitions, o)
	}
	return m.AppendTo(nil)
}

func (single) ParseSyncAssignment(assignment []byte) (map[string][]int32, error) {
	return kgo.ParseConsumerSyncAssignment(assignment)
}

func (single) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	topics := map[string]struct{}{}
	b := singleBalance{members: make([]groupMember, len(members))}
	for i, m := range members {
		meta := kmsg.NewConsumerMemberMetadata()
		if err := meta.ReadFrom(m.ProtocolMetadata); err != nil {
			return nil, nil, fmt.Errorf("member %s: %w", m.MemberID, err)
		}
		for _, t := range meta.Topics {
			topics[t] = struct{}{}
		}
		b.members[i] = groupMember{id: m.MemberID, owns: len(meta.OwnedPartitions) > 0, generation: meta.Generation}
	}
	return b, topics, nil
}

type groupMember struct {
	id         string
	owns       bool
	generation int32
}

type singleBalance struct{ members []groupMember }

// Balance keeps the member that owns something, of the newest generation, or
// takes the first one.
func (b singleBalance) Balance(topics map[string]int32) kgo.IntoSyncAssignment {
	chosen := 0
	for i, m := range b.members {
		if c := b.members[chosen]; m.owns && (!c.owns || m.generation > c.generation) {
			chosen = i
		}
	}
	p := assignment{}
	for i, m := range b.members {
		a := kmsg.NewConsumerMemberAssignment()
		if i == chosen {
			for topic, n := range topics {
				t := kmsg.NewConsumerMemberAssignmentTopic()
				t.Topic = topic
				for partition := range n {
					t.Partitions = append(t.Partitions, partition)
				}
				a.Topics = append(a.Topics, t)
			}
		}
		s := kmsg.NewSyncGroupRequestGroupAssignment()
		s.MemberID, s.MemberAssignment = m.id, a.AppendTo(nil)
		p = append(p, s)
	}
	return p
}

type assignment []kmsg.SyncGroupRequestGroupAssignment

func (a assignment) IntoSyncAssignment() []kmsg.SyncGroupRequestGroupAssignment { return a }
