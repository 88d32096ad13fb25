package host

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// cores records the threads with a reserved CPU, and the CPUs of all other threads.
var cores struct {
	mu     sync.Mutex
	owners map[int]bool
	rest   unix.CPUSet
}

// TakeCore locks the calling goroutine to its thread, reserves one of the process's CPUs
// for that thread, and restricts every other thread to the remaining CPUs, until release is
// called on the same goroutine. It applies to threads that start later, too, because a
// thread inherits the CPUs of the thread that starts it.
//
// Without it Linux sometimes queues V1's thread behind one of V2's although another CPU is
// idle, and leaves it there until the next tick.
func TakeCore() (cpu int, release func(), err error) {
	cores.mu.Lock()
	defer cores.mu.Unlock()
	runtime.LockOSThread()
	defer func() {
		if err != nil {
			runtime.UnlockOSThread()
		}
	}()
	if len(cores.owners) == 0 {
		cores.owners = map[int]bool{}
		if err := unix.SchedGetaffinity(0, &cores.rest); err != nil {
			return 0, nil, fmt.Errorf("list the CPUs that may be used: %w", err)
		}
	}
	if cores.rest.Count() < 2 {
		return 0, nil, errors.New("this process may use only one CPU: remove v1.own_core")
	}
	for cpu = len(cores.rest) * strconv.IntSize; !cores.rest.IsSet(cpu); { // the first CPUs serve interrupts more often
		cpu--
	}
	var own unix.CPUSet
	own.Set(cpu)
	me := unix.Gettid()
	cores.rest.Clear(cpu)
	cores.owners[me] = true
	giveBack := func() error {
		delete(cores.owners, me)
		cores.rest.Set(cpu)
		return moveOthers()
	}
	if err = moveOthers(); err == nil {
		err = unix.SchedSetaffinity(me, &own)
	}
	if err != nil {
		return 0, nil, errors.Join(fmt.Errorf("tie V1 to CPU %d: %w", cpu, err), giveBack())
	}
	return cpu, func() {
		cores.mu.Lock()
		defer cores.mu.Unlock()
		_ = giveBack() // a thread that cannot be moved keeps fewer CPUs than it could have
		runtime.UnlockOSThread()
	}, nil
}

// moveOthers restricts all threads without a reserved CPU to the rest, including those that
// start meanwhile. Call it with cores.mu held.
func moveOthers() error {
	moved := map[int]bool{}
	for more := true; more; {
		more = false
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, task := range tasks {
			tid, err := strconv.Atoi(task.Name())
			if err != nil || moved[tid] || cores.owners[tid] {
				continue
			}
			if err := unix.SchedSetaffinity(tid, &cores.rest); err != nil && !errors.Is(err, unix.ESRCH) {
				return err
			}
			moved[tid], more = true, true
		}
	}
	return nil
}
