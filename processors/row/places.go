package row

// Places stores one T for each topic-partition. It is for lookups per record, where a map
// would hash the topic's name each time. The zero value is empty. It is not safe for
// concurrent use.
type Places[T any] struct {
	topics []placesOf[T]
	// far are partitions with numbers too large for a slice index.
	far map[TopicPartition]*T
}

type placesOf[T any] struct {
	topic      string
	partitions []*T
}

// nearest is the largest number of partitions that a slice holds for a topic, more than
// topics have in practice.
const nearest = 1 << 16

// At returns the T of a topic-partition, creating it if needed.
func (p *Places[T]) At(tp TopicPartition) *T {
	if tp.Partition < 0 || tp.Partition >= nearest {
		return p.distant(tp)
	}
	for i := range p.topics {
		t := &p.topics[i]
		if t.topic == tp.Topic && int(tp.Partition) < len(t.partitions) && t.partitions[tp.Partition] != nil {
			return t.partitions[tp.Partition]
		}
	}
	return p.add(tp)
}

func (p *Places[T]) add(tp TopicPartition) *T {
	var of *placesOf[T]
	for i := range p.topics {
		if p.topics[i].topic == tp.Topic {
			of = &p.topics[i]
		}
	}
	if of == nil {
		p.topics = append(p.topics, placesOf[T]{topic: tp.Topic})
		of = &p.topics[len(p.topics)-1]
	}
	for len(of.partitions) <= int(tp.Partition) {
		of.partitions = append(of.partitions, nil)
	}
	made := new(T)
	of.partitions[tp.Partition] = made
	return made
}

func (p *Places[T]) distant(tp TopicPartition) *T {
	at, ok := p.far[tp]
	if !ok {
		if p.far == nil {
			p.far = map[TopicPartition]*T{}
		}
		at = new(T)
		p.far[tp] = at
	}
	return at
}

// All calls visit with each topic-partition that was asked for.
func (p *Places[T]) All(visit func(TopicPartition, *T)) {
	for _, t := range p.topics {
		for i, at := range t.partitions {
			if at != nil {
				visit(TopicPartition{Topic: t.topic, Partition: int32(i)}, at)
			}
		}
	}
	for tp, at := range p.far {
		visit(tp, at)
	}
}
