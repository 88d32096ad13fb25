package partitions

import (
	"context"
	"errors"
	"sync/atomic"

	"parallax/processors/plan"
	"parallax/processors/relay"
	"parallax/processors/row"
	"parallax/processors/state"
)

// chain takes batches along the stages of a plan in which some follow others, each
// stage a goroutine of its own: while one stage has a batch, those before it have
// later ones.
type chain struct {
	plan         *plan.Plan
	coordinators []*coordinator // one for each stage
	relays       []*relay.Relay // nil for a stage that takes the topics' batches

	// A batch goes along queues, from each stage's to the next one's; the last one is
	// for Next.
	queues []chan *chained
	ctx    context.Context
	cancel context.CancelFunc
	under  atomic.Int64 // batches on their way

	// failure is what the last next returned; failed is closed with it.
	failure error
	failed  chan struct{}
	// position and watermark are those after the last batch that came out.
	position, watermark int64
}

// chained is a batch on its way, with what the stages have made of it so far.
type chained struct {
	batch *row.Batch
	links []relay.Link
	err   error
}

func newChain(p *plan.Plan, coordinators []*coordinator) *chain {
	c := &chain{plan: p, coordinators: coordinators, failed: make(chan struct{}), watermark: row.NoWatermark}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	for _, q := range p.Stages {
		c.relays = append(c.relays, relay.Of(q))
	}
	for range len(p.Stages) + 1 {
		c.queues = append(c.queues, make(chan *chained, inFlight))
	}
	for i := range p.Stages {
		go c.serve(i)
	}
	return c
}

// submit hands a batch to all stages that take the topics' batches, and sends it on
// its way.
func (c *chain) submit(ctx context.Context, b *row.Batch) error {
	select {
	case <-c.failed:
		return c.failure
	case <-c.ctx.Done():
		return ErrClosed
	default:
	}
	for i, r := range c.relays {
		if r != nil {
			continue
		}
		if err := c.coordinators[i].Submit(ctx, b); err != nil {
			return err
		}
	}
	c.under.Add(1)
	select {
	case c.queues[0] <- &chained{batch: b, links: make([]relay.Link, len(c.plan.Stages))}:
		return nil
	case <-c.ctx.Done():
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serve does what a stage has to do for each batch. It ends with the chain.
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
		l.Outcome, err = c.coordinators[stage].Process(c.ctx, l.Relay.Batch(j.batch, func(s int) relay.Made { return j.links[s].Read }))
	}
	if err != nil {
		return err
	}
	l.Place(j.batch)
	j.links[stage] = l
	return nil
}

// next returns the outcome of the oldest batch on its way.
func (c *chain) next(ctx context.Context) (*row.Outcome, error) {
	select {
	case <-c.failed:
		return nil, c.failure
	default:
	}
	var j *chained
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.ctx.Done():
		return nil, ErrClosed
	case j = <-c.queues[len(c.queues)-1]:
	}
	c.under.Add(-1)
	if j.err != nil {
		c.failure = j.err
		close(c.failed)
		return nil, c.failure
	}
	o := relay.Join(j.batch, j.links)
	c.position = j.batch.First + int64(j.batch.Len())
	if w := j.batch.Watermark(); w != row.NoWatermark {
		c.watermark = w
	}
	return o, nil
}

func (c *chain) close() { c.cancel() }

func (c *chain) atRest() error {
	select {
	case <-c.failed:
		return c.failure
	default:
	}
	if c.under.Load() != 0 {
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
