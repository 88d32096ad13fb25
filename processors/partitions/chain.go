package partitions

import (
	"context"
	"errors"

	"parallax/processors/plan"
	"parallax/processors/relay"
	"parallax/processors/row"
	"parallax/processors/state"
)

// chain moves batches, in slices, through the stages of a plan in which some stages
// follow others. Each stage has a goroutine: while one stage works on a slice, the stages
// before it work on later ones.
type chain struct {
	plan         *plan.Plan
	slice        int            // records
	coordinators []*coordinator // one for each stage
	relays       []*relay.Relay // nil for a stage that reads the topics' batches
	sampler      *Sampler       // chooses the keys that are taken; nil for all

	// Batches pass through in to the goroutine that cuts them into slices. A slice passes
	// through queues from each stage to the next; the last queue is read by next.
	in     chan *row.Batch
	queues []chan *chained
	ctx    context.Context
	cancel context.CancelFunc
	flight flight

	// failure is the error of the last next; failed is closed with it.
	failure error
	failed  chan struct{}
	joined  *relay.Joined // the slices of the current batch that next has received
	// position and watermark are those after the last batch that was returned.
	position, watermark int64
}

// chained is a slice in flight with the stages' results so far.
type chained struct {
	// whole is the batch, in which the slice begins with record from.
	whole, batch *row.Batch
	from         int
	links        []relay.Link
	// shares are those of the whole batch, if keys are sampled.
	shares []row.Share
	err    error
}

func newChain(p *plan.Plan, coordinators []*coordinator, slice int, sampler *Sampler) *chain {
	c := &chain{
		plan: p, slice: slice, coordinators: coordinators, sampler: sampler, in: make(chan *row.Batch, inFlight), flight: newFlight(),
		failed: make(chan struct{}), watermark: row.NoWatermark,
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for _, q := range p.Stages {
		c.relays = append(c.relays, relay.Of(q))
	}
	for range len(p.Stages) + 1 {
		c.queues = append(c.queues, make(chan *chained, inFlight))
	}
	go c.cut()
	for i := range p.Stages {
		go c.serve(i)
	}
	return c
}

// submit passes on a batch and waits while too many are in flight.
func (c *chain) submit(ctx context.Context, b *row.Batch) error {
	select {
	case <-c.failed:
		return c.failure
	case <-c.ctx.Done():
		return ErrClosed
	default:
	}
	if err := c.flight.waitForRoom(ctx, b.Len(), c.ctx.Done(), c.failed, &c.failure); err != nil {
		return err
	}
	c.flight.add(b.Len())
	c.in <- b
	return nil
}

// cut cuts batches into slices and passes each slice to all stages that read the topics'
// batches. It returns when the chain is closed, or when a stage has failed: next reads the
// failure from the slice in flight, so later slices do not matter.
func (c *chain) cut() {
	label("slices")
	for {
		select {
		case <-c.ctx.Done():
			return
		case b := <-c.in:
			shares, err := c.measure(b)
			for from, slice := range b.Slices(c.slice) {
				if !c.send(&chained{whole: b, batch: slice, from: from, links: make([]relay.Link, len(c.plan.Stages)), shares: shares, err: err}) {
					return
				}
			}
		}
	}
}

// measure returns the share of each record of a batch, nil if all keys are taken.
func (c *chain) measure(b *row.Batch) (shares []row.Share, err error) {
	if c.sampler == nil {
		return nil, nil
	}
	defer func() {
		if value := recover(); value != nil {
			shares, err = nil, panicked(value, -1, "sample", b)
		}
	}()
	return c.sampler.Shares(nil, b), nil
}

// send puts a slice into the first queue and reports whether it could.
func (c *chain) send(j *chained) bool {
	for i, r := range c.relays {
		if r == nil && c.coordinators[i].Submit(c.ctx, j.batch) != nil {
			return false
		}
	}
	select {
	case c.queues[0] <- j:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// serve runs one stage for each slice. It returns when the chain is closed.
func (c *chain) serve(stage int) {
	label("stage")
	for {
		select {
		case <-c.ctx.Done():
			return
		case j := <-c.queues[stage]:
			if j.err == nil {
				j.err = c.run(stage, j)
			}
			select {
			case c.queues[stage+1] <- j:
			case <-c.ctx.Done():
				return
			}
		}
	}
}

func (c *chain) run(stage int, j *chained) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicked(value, -1, "relay to "+c.plan.Stages[stage].Sink.Name, j.batch)
		}
	}()
	l := relay.Link{Stage: c.plan.Stages[stage], Relay: c.relays[stage]}
	if l.Relay == nil {
		l.Outcome, err = c.coordinators[stage].Next(c.ctx)
	} else {
		l.Outcome, err = c.coordinators[stage].Process(c.ctx, l.Relay.Batch(j.batch, func(s int) relay.Output { return j.links[s].Read }))
	}
	if err != nil {
		return err
	}
	l.Place(j.batch)
	j.links[stage] = l
	return nil
}

// next returns the outcome of the oldest batch in flight. If ctx ends before the outcome
// is complete, the following call continues.
func (c *chain) next(ctx context.Context) (*row.Outcome, error) {
	select {
	case <-c.failed:
		return nil, c.failure
	default:
	}
	for {
		var j *chained
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.ctx.Done():
			return nil, ErrClosed
		case j = <-c.queues[len(c.queues)-1]:
		}
		if j.err != nil {
			c.failure = j.err
			close(c.failed)
			return nil, c.failure
		}
		if j.from == 0 {
			c.joined = relay.Join(j.whole)
		}
		c.joined.Add(j.from, j.links)
		if b := j.whole; j.from+j.batch.Len() == b.Len() {
			return c.complete(b, j.shares), nil
		}
	}
}

// complete returns the outcome of a batch whose slices have all been received.
func (c *chain) complete(b *row.Batch, shares []row.Share) *row.Outcome {
	c.position = b.First + int64(b.Len())
	if w := b.Watermark(); w != row.NoWatermark {
		c.watermark = w
	}
	c.flight.remove(b.Len())
	o := c.joined.Outcome()
	o.Shares = shares
	return o
}

func (c *chain) close() { c.cancel() }

func (c *chain) atRest() error {
	select {
	case <-c.failed:
		return c.failure
	default:
	}
	if c.flight.batches.Load() != 0 {
		return errors.New("a batch is in flight")
	}
	return nil
}

func (c *chain) restore(s *state.Snapshot) {
	relays := s.Relays
	for _, r := range c.relays {
		if r != nil {
			r.Restore(relays[0])
			relays = relays[1:]
		}
	}
	c.position, c.watermark = s.Position, s.Watermark
}
