package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports"
)

func TestAHangupEndsARunLikeATermination(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT} {
		if signal.Ignored(s) { // the tests run under nohup, which the program heeds
			continue
		}
		ctx, stop := untilInterrupted()
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		stop()
	}
}

func TestTheExitCodeIsTheVerdictsWhereARunEndedByItself(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	diverged := reports.Summary{Code: exitFail, Divergences: diff.Divergences{Root: 1, ByClass: map[diff.Class]int64{}}}
	short := reports.Summary{Code: exitInconclusive}
	for _, c := range []struct {
		name    string
		command runCommand
		ctx     context.Context
		summary reports.Summary
		want    int
	}{
		{"until the end", runCommand{UntilEnd: true}, t.Context(), short, exitInconclusive},
		{"for a time", runCommand{For: time.Minute}, t.Context(), short, exitInconclusive},
		{"for a time, with a divergence", runCommand{For: time.Minute}, t.Context(), diverged, exitFail},
		{"for a time, ended by a signal", runCommand{For: time.Minute}, ended, short, exitPass},
		{"live, ended by a signal", runCommand{}, ended, short, exitPass},
		{"live, ended by a signal after a divergence", runCommand{}, ended, diverged, exitFail},
	} {
		if code := c.command.exitCode(&env{ctx: c.ctx}, c.summary, nil); code != c.want {
			t.Errorf("%s: exit code %d, want %d", c.name, code, c.want)
		}
	}
}
