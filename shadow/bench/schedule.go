package bench

import (
	"cmp"
	"slices"
	"time"
)

// taskTimes are the times of the parts of V2's work on each batch, each measured alone.
type taskTimes struct {
	// decode, route and merge are by batch; partition is by batch and partition,
	// rows encoded.
	decode, route, merge []time.Duration
	partition            [][]time.Duration
}

// schedule predicts V2's time for all batches on a number of cores. A ready task starts as
// soon as a core is free, the oldest batch's first. A core switches between tasks in no
// time, because the measured times include that. A core without a task sleeps. As in Go's
// scheduler, if there are more tasks than awake cores, one core is woken at a time, which
// takes a hand-off; it then takes a task that is ready by that time.
//
// The dependencies are those of the coordinator: a batch is routed after the previous one
// and after it is decoded; a partition processes batches in order, once they are routed;
// merge processes them in order, once all partitions are done. At most window batches are
// between routing and merge, and at most twice as many as cores are decoded ahead.
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
		// Time advances until the first running task ends.
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

// scheduler holds the progress of each stage: the number of batches that it has started
// and, where another stage depends on it, finished.
type scheduler struct {
	t *taskTimes
	// window and ahead limit the batches in flight.
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

// ready returns the next task without open dependencies: of the oldest batch, and of its
// latest stage.
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

// largestPartition is the busy time of the partition with the most work, which is a lower
// bound of V2's time for any number of cores.
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
