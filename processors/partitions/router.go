package partitions

import (
	"parallax/processors/recycle"
	"parallax/processors/row"
)

// route is the router's goroutine: it cuts batches into slices, makes each slice's
// index lists and hands it to every partition, in order of submission.
func (v *coordinator) route() {
	for {
		select {
		case <-v.quit:
			return
		case m := <-v.in:
			for from, slice := range m.batch.Slices(v.slice) {
				if !v.routeSlice(m, from, slice) {
					return
				}
			}
		}
	}
}

// routeSlice waits for a free job and gives it a slice. It reports whether the router
// continues.
func (v *coordinator) routeSlice(m *harvest, from int, slice *row.Batch) bool {
	var j *job
	select {
	case <-v.quit:
		return false
	case j = <-v.free:
	}
	if !v.router.begin() {
		return false
	}
	j.begin(m, from, slice)
	v.ordered <- j
	ok := v.split(j)
	return v.router.end() && ok
}

// split lists, for each query and partition, the records that go there. The
// split key of a record is hashed once for each query.
func (v *coordinator) split(j *job) (ok bool) {
	step := "router"
	defer func() {
		if !ok {
			j.fail(panicked(recover(), -1, step, j.batch))
		}
	}()
	for q := range v.queries {
		step = "routing of " + v.stages[q].Sink.Name
		v.list(j, q)
	}
	for _, p := range v.partitions {
		p.queued.Add(p.share(j))
		p.queue <- j
	}
	return true
}

// list fills the lists of one query in two passes: the first one routes and counts, the
// second one places, so that the lists are subslices of one slice. Engines look up state by
// the same hash.
func (v *coordinator) list(j *job, q int) {
	b, query, n := j.slice, &v.queries[q], len(v.partitions)
	v.which, v.hashed = recycle.Sized(v.which, b.Len()), recycle.Sized(v.hashed, b.Len())
	which, hashed := v.which, v.hashed
	query.inputs[0].router.Route(b, query.inputs[0].source, which, hashed)
	for _, in := range query.inputs[1:] {
		v.routeAlso(b, in)
	}
	if v.sampler != nil || v.hooks.Route != nil {
		v.overrule(j, q)
	}
	ends := v.ends[:n]
	clear(ends)
	for _, p := range which {
		if p >= 0 {
			ends[p]++
		}
	}

	total := int32(0)
	starts := v.starts[:n]
	for p, count := range ends {
		starts[p], ends[p] = total, total // for now the start of p's part
		total += count
	}
	if cap(j.indices[q]) < int(total) {
		j.indices[q], j.hashed[q] = make([]int32, total), make([]uint64, total)
	}
	indices, hashes := j.indices[q][:total], j.hashed[q][:total]
	for i, p := range which {
		if p >= 0 {
			at := ends[p]
			indices[at], hashes[at] = int32(i), hashed[i]
			ends[p] = at + 1
		}
	}
	for p := range n {
		from, to := starts[p], ends[p]
		j.lists[q][p] = indices[from:to:to]
		if j.hashes[q][p] = nil; query.hashes {
			j.hashes[q][p] = hashes[from:to:to]
		}
	}
}

// routeAlso adds where the records of another input of the stage go.
func (v *coordinator) routeAlso(b *row.Batch, in v2Input) {
	v.whichElse, v.hashedElse = recycle.Sized(v.whichElse, b.Len()), recycle.Sized(v.hashedElse, b.Len())
	in.router.Route(b, in.source, v.whichElse, v.hashedElse)
	for i, p := range v.whichElse {
		if p >= 0 {
			v.which[i], v.hashed[i] = p, v.hashedElse[i]
		}
	}
}

// overrule removes the records of keys that are not in the sample, and applies the Route
// hook. The Shares go out with the outcome, so that the comparison need not hash the keys
// again.
func (v *coordinator) overrule(j *job, q int) {
	b := j.slice
	if v.sampler != nil {
		v.sample(j, q)
	}
	for i := range v.which {
		p := v.which[i]
		if p < 0 || v.hooks.Route == nil {
			continue
		}
		if to := v.hooks.Route(v.stages[q].Stage, b, i, int(p)); to >= 0 && to < len(v.partitions) {
			v.which[i] = int32(to)
		} else {
			v.which[i] = -1
		}
	}
}

// sample removes the records of keys that are not in the sample.
func (v *coordinator) sample(j *job, q int) {
	b, stage := j.slice, &v.sampler.stages[v.stages[q].Stage]
	if !v.queries[q].hashes {
		for _, hash := range stage.hashes {
			if hash != nil {
				hash(v.hashed, b)
			}
		}
	}
	if v.shares {
		shares := j.made.shares[j.from : j.from+b.Len()]
		if q == 0 {
			v.sampler.begin(shares, b)
		}
		v.sampler.shareOf(v.stages[q].Stage, shares, b, v.hashed)
	}
	if stage.Split.Stateless {
		return // it takes all records, or rows of keys that are in
	}
	for i, p := range v.which {
		if p >= 0 && !v.sampler.in(v.hashed[i]) {
			v.which[i] = -1
		}
	}
}
