package checkpoint

import (
	"context"
	"io"
	"time"
)

// pace slows reading down to a number of bytes a second, 0 for no limit.
type pace struct {
	rate  int64
	begin time.Time
	bytes int64
}

// paced is a reader that a pace slows down.
type paced struct {
	ctx  context.Context
	pace *pace
	r    io.Reader
}

func (p *paced) Read(b []byte) (int, error) {
	if p.pace.rate > 0 { // a tenth of a second at a time, so that the disk has an even load
		b = b[:min(int64(len(b)), max(p.pace.rate/10, 1))]
	}
	n, err := p.r.Read(b)
	if waitErr := p.pace.wait(p.ctx, n); waitErr != nil {
		return n, waitErr
	}
	return n, err
}

// wait returns when n more bytes are due.
func (p *pace) wait(ctx context.Context, n int) error {
	if p.bytes += int64(n); p.rate == 0 {
		return ctx.Err()
	}
	if p.begin.IsZero() {
		p.begin = time.Now()
	}
	due := time.Duration(float64(p.bytes) / float64(p.rate) * float64(time.Second))
	t := time.NewTimer(due - time.Since(p.begin))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
