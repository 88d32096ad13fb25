// Command parallax runs two versions of a Kafka stream job side by side and says
// whether the second may take over from the first.
//
// Stability: ours.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := untilInterrupted()
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// untilInterrupted returns a context that the first INT (Ctrl-C), TERM or HUP ends:
// finish what was begun. The second leaves at once. A HUP that the process was
// started to ignore, as by nohup, stays ignored. stop takes signals as if there
// were no context.
func untilInterrupted() (interrupted context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		ends = append(ends, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, ends...)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitError)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// run is the program, for main and for tests. It returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	return newEnv(ctx, in, out, errs).run(args)
}

func newEnv(ctx context.Context, in io.Reader, out, errs io.Writer) *env {
	if isTerminal(out) {
		out = newPrintable(out) // records as well: in JSON an escaped character is the same
	}
	return &env{ctx: ctx, in: in, out: out, errs: newPrintable(errs)}
}

// run runs the command that the arguments name, and returns the exit code.
func (e *env) run(args []string) int {
	command, done, code := e.parse(args)
	if done {
		return code
	}
	return e.exit(command.Run(e))
}
