// Command parallax runs two versions of a Kafka stream job side by side and says
// whether the second may take over from the first.
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

// untilInterrupted returns a context that the first Ctrl-C ends: finish what was
// begun. The second leaves at once.
func untilInterrupted() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitError)
	}()
	return ctx, cancel
}

// run is the program, for main and for tests. It returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	e := &env{ctx: ctx, in: in, out: out, errs: errs}
	command, done, code := e.parse(args)
	if done {
		return code
	}
	return e.exit(command.Run(e))
}
