package bench

import (
	"testing"
	"time"

	"parallax/processors/exec"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/workload"
)

// BenchmarkStages measures what each of direct's stages takes: decode a batch, run
// the engine over it, encode what that made. They alternate as they do there, so
// that each finds in the caches what the one before it left.
func BenchmarkStages(b *testing.B) {
	const records, size = 200_000, 10_000
	for _, id := range []string{"0", "2", "2c", "3a", "3b", "session", "hopping", "join"} {
		b.Run(id, func(b *testing.B) {
			s, err := workload.Lookup(id)
			if err != nil {
				b.Fatal(err)
			}
			in := NewInput(s, workload.Options{Records: records, Seed: 1})
			q, err := newQuery(s.SQL)
			if err != nil {
				b.Fatal(err)
			}
			var took [3]time.Duration
			b.ReportAllocs()
			for b.Loop() {
				p := newStageByStage(b, q, in)
				for from := 0; from < records; from += size {
					t := time.Now()
					p.decode(b, from, from+size)
					took[0] += time.Since(t)
					t = time.Now()
					p.run()
					took[1] += time.Since(t)
					t = time.Now()
					p.encode()
					took[2] += time.Since(t)
				}
				p.batch = row.NewFlush(0, records, 1)
				t := time.Now()
				p.run()
				took[1] += time.Since(t)
				p.encode()
			}
			for i, stage := range [...]string{"decode", "engine", "encode"} {
				b.ReportMetric(float64(took[i].Nanoseconds())/float64(b.N)/records, stage+"-ns/record")
			}
		})
	}
}

// stageByStage is direct, stage by stage.
type stageByStage struct {
	q            *query
	cut          *cutter
	clock        *clock
	engine       *exec.Engine
	batch        *row.Batch
	result       exec.Result
	dispositions []row.Disposition
	encoders     []*codec.Encoder
	key, value   []byte
	out          output
}

func newStageByStage(b *testing.B, q *query, in *Input) *stageByStage {
	engine, err := exec.New(q.plan.Queries[0], exec.Options{})
	if err != nil {
		b.Fatal(err)
	}
	encoders, cut, clock, err := q.path(in)
	if err != nil {
		b.Fatal(err)
	}
	return &stageByStage{q: q, cut: cut, clock: clock, engine: engine, encoders: encoders}
}

func (p *stageByStage) decode(b *testing.B, from, to int) {
	var err error
	if p.batch, err = p.cut.decode(0, from, to); err != nil {
		b.Fatal(err)
	}
	p.clock.tick(p.batch)
}

func (p *stageByStage) run() {
	p.dispositions = append(p.dispositions[:0], make([]row.Disposition, p.batch.Len())...)
	p.result.Reset(p.dispositions)
	p.engine.RunAll(p.batch, &p.result)
}

func (p *stageByStage) encode() {
	p.key, p.value = encode(p.encoders, p.result.Changes, p.key, p.value, &p.out)
	p.batch.Release()
}
