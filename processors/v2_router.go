package processors

import "parallax/processors/row"

// route is the router's goroutine: it makes each job's index lists and hands
// the job to every partition, in order of submission.
func (v *V2) route() {
	for {
		select {
		case <-v.quit:
			return
		case j := <-v.in:
			if !v.router.begin() {
				return
			}
			ok := v.split(j)
			if !v.router.end() || !ok {
				return
			}
		}
	}
}

// split lists, for each query and partition, the records that go there. The
// split key of a record is hashed once for each query.
func (v *V2) split(j *job) (ok bool) {
	step := "router"
	defer func() {
		if value := recover(); value != nil {
			j.fail(panicked(value, -1, step, j.batch))
		}
	}()
	for q := range v.queries {
		step = "routing of " + v.plan.Queries[q].Sink.Name
		v.list(j, q)
	}
	for _, p := range v.partitions {
		p.queued.Add(p.share(j))
		p.queue <- j
	}
	return true
}

// list fills the lists of one query: one pass decides and counts, a second one
// places, so that the lists lie side by side in one slice.
func (v *V2) list(j *job, q int) {
	b, query, n := j.batch, &v.queries[q], len(v.partitions)
	which := v.which[:0]
	ends := make([]int32, n)
	for i := range b.Len() {
		p := -1
		if rec := b.Record(i); rec.State != row.Undecodable && rec.Source == query.source {
			p = query.router.Partition(b, i)
			if v.hooks.Route != nil {
				p = v.hooks.Route(q, b, i, p)
			}
		}
		if p < 0 || p >= n {
			which = append(which, -1)
			continue
		}
		which = append(which, int32(p))
		ends[p]++
	}
	v.which = which

	total := int32(0)
	for p, count := range ends {
		ends[p] = total // for now the start of p's part
		total += count
	}
	if cap(j.indices[q]) < int(total) {
		j.indices[q] = make([]int32, total)
	}
	all := j.indices[q][:total]
	starts := append(make([]int32, 0, n), ends...)
	for i, p := range which {
		if p >= 0 {
			all[ends[p]] = int32(i)
			ends[p]++
		}
	}
	for p := range n {
		j.lists[q][p] = all[starts[p]:ends[p]:ends[p]]
	}
}
