package bench

import (
	"cmp"
	"slices"
	"time"
)

// taskTimes are how long the parts of V2's work on each batch took by themselves.
type taskTimes struct {
	// decode, route and merge are by batch; partition is by batch and partition,
	// rows encoded.
	decode, route, merge []time.Duration
	partition            [][]time.Duration
}

// schedule predicts how long V2 takes for all batches on a number of cores: each
// task that is ready is begun as soon as a core is free, the oldest batch's first.
// A core that goes from one task to the next does so in no time: what that costs is
// in the times. One that found nothing to do sleeps; as Go does it, where there is
// more to do than there are cores awake one is woken at a time, which takes a
// hand-off, and takes what is there by then.
//
// What must wait for what is what the coordinator's code says: a batch is routed
// after the one before it, and once it is decoded; a partition takes batches in
// order, once they are routed; merge takes them in order, when all partitions are
// done. At most window batches are between routing and merge, and as many are
// decoded ahead as there are cores, twice.
func (t *taskTimes) schedule(cores, window int, handOff time.Duration) time.Duration {
	s := newScheduler(t, window, 2*cores)
	asleep, awake, now := cores-1, 1, time.Duration(0)
	for s.merged < len(t.decode) {
		for ; awake > 0; awake-- {
			task, ok := s.ready()
			if !ok {
				break
			}
			s.begin(task)
			s.running = append(s.running, running{task, now + task.took})
		}
		asleep, awake = asleep+awake, 0
		if _, more := s.ready(); more && asleep > 0 && !s.waking() {
			asleep--
			s.running = append(s.running, running{task{kind: wakeTask}, now + handOff})
		}
		// Time passes until the first of what runs is done.
		now = slices.MinFunc(s.running, func(a, b running) int { return cmp.Compare(a.until, b.until) }).until
		s.running = slices.DeleteFunc(s.running, func(r running) bool {
			if r.until > now {
				return false
			}
			awake++
			s.done(r.task)
			return true
		})
	}
	return now
}

// The kinds of tasks; a partition's is its number.
const (
	decodeTask = -1 - iota
	routeTask
	mergeTask
	wakeTask // no work, but a core that wakes up
)

type task struct {
	kind, batch int
	took        time.Duration
}

type running struct {
	task  task
	until time.Duration
}

// scheduler holds how far each stage has come: the number of batches that it has
// begun and, where another stage waits for it, that it has done.
type scheduler struct {
	t *taskTimes
	// window and ahead bound what is on its way.
	window, ahead int

	decoding, routing, routed, merged int
	decoded                           []bool // by batch
	partitions                        []int  // begun, by partition
	left                              []int  // partitions that are not done, by batch
	routeBusy, mergeBusy              bool
	busy                              []bool // by partition
	running                           []running
}

func newScheduler(t *taskTimes, window, ahead int) *scheduler {
	batches, partitions := len(t.decode), len(t.partition[0])
	s := &scheduler{
		t: t, window: window, ahead: ahead, decoded: make([]bool, batches), left: make([]int, batches),
		partitions: make([]int, partitions), busy: make([]bool, partitions),
	}
	for b := range s.left {
		s.left[b] = partitions
	}
	return s
}

// waking reports whether a core is on its way.
func (s *scheduler) waking() bool {
	return slices.ContainsFunc(s.running, func(r running) bool { return r.task.kind == wakeTask })
}

// ready is the next task that nothing holds up: of the oldest batch, and of one
// batch's the last stage's.
func (s *scheduler) ready() (best task, ok bool) {
	n := len(s.t.decode)
	offer := func(t task) {
		if !ok || t.batch < best.batch {
			best, ok = t, true
		}
	}
	if !s.mergeBusy && s.merged < n && s.left[s.merged] == 0 {
		offer(task{mergeTask, s.merged, s.t.merge[s.merged]})
	}
	for p, b := range s.partitions {
		if !s.busy[p] && b < s.routed {
			offer(task{p, b, s.t.partition[b][p]})
		}
	}
	if b := s.routing; !s.routeBusy && b < n && s.decoded[b] && b < s.merged+s.window {
		offer(task{routeTask, b, s.t.route[b]})
	}
	if b := s.decoding; b < n && b < s.routing+s.ahead {
		offer(task{decodeTask, b, s.t.decode[b]})
	}
	return best, ok
}

func (s *scheduler) begin(t task) {
	switch t.kind {
	case decodeTask:
		s.decoding++
	case routeTask:
		s.routing++
		s.routeBusy = true
	case mergeTask:
		s.mergeBusy = true
	default:
		s.partitions[t.kind]++
		s.busy[t.kind] = true
	}
}

func (s *scheduler) done(t task) {
	switch t.kind {
	case wakeTask:
	case decodeTask:
		s.decoded[t.batch] = true
	case routeTask:
		s.routed++
		s.routeBusy = false
	case mergeTask:
		s.merged++
		s.mergeBusy = false
	default:
		s.busy[t.kind] = false
		s.left[t.batch]--
	}
}

// largestPartition is how long the partition with the most work is busy: V2 is
// never done sooner, whatever the cores.
func (t *taskTimes) largestPartition() time.Duration {
	var most time.Duration
	for p := range t.partition[0] {
		var sum time.Duration
		for b := range t.partition {
			sum += t.partition[b][p]
		}
		most = max(most, sum)
	}
	return most
}
