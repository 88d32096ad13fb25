package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"parallax/processors/sql"
	"parallax/shadow/job"
)

// The exit codes are a contract with CI and rollout controllers.
const (
	exitPass         = 0
	exitFail         = 1
	exitError        = 2
	exitInconclusive = 3
	exitPerformance  = 4
)

// exitCode ends the program with a code and no message: what there was to say
// has been said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// env is what a command works with.
type env struct {
	ctx  context.Context
	in   io.Reader
	out  io.Writer
	errs io.Writer
	log  *slog.Logger
	json bool
	// buildV2 builds V2; nil is the one that the job names. Tests of the program set it.
	buildV2 job.BuildV2
}

// text is standard output for what people read: data cannot control their terminal,
// also not when the text comes to it through a pipe or a file.
func (e *env) text() io.Writer { return newPrintable(e.out) }

// command is one of the program's commands; kong fills its fields from flags.
type command interface {
	Run(*env) error
}

// program is the command line. Adding a command is adding a field.
type program struct {
	JSON      bool   `help:"Write JSON to standard output." name:"json"`
	LogLevel  string `help:"Lowest level that is logged: debug, info, warn or error; auto is info for run and serve, and warn for other commands." default:"auto" enum:"auto,debug,info,warn,error"`
	LogFormat string `help:"How logs are written: text or json." default:"text" enum:"text,json"`

	ShowVersion kong.VersionFlag `help:"Show the version." name:"version"`

	Demo       demoCommand       `cmd:"" help:"Run V1 and V2 side by side on generated data and an embedded broker, and give a verdict."`
	Generate   generateCommand   `cmd:"" help:"Write a scenario's data to a file or a topic."`
	Run        runCommand        `cmd:"" help:"Run jobs against Kafka."`
	Serve      serveCommand      `cmd:"" help:"Run many jobs in one process, from a folder and through an API."`
	SQL        sqlCommand        `cmd:"" name:"sql" help:"Run a script over records from a file, without Kafka."`
	Compare    compareCommand    `cmd:"" help:"Compare two files of output records."`
	Explain    explainCommand    `cmd:"" help:"Explain one divergence: reduce its input, find its cause, and write a folder that reproduces it."`
	Bench      benchCommand      `cmd:"" help:"Measure how fast the paths are, against a hand-written loop or on your own data and query."`
	Validate   validateCommand   `cmd:"" help:"Check a job file."`
	Config     configCommand     `cmd:"" help:"Show a job's effective configuration and where each value comes from."`
	Gate       gateCommand       `cmd:"" help:"Give the verdict on stored evidence: may V2 take over?"`
	Report     reportCommand     `cmd:"" help:"Write a report on stored evidence, also while the job runs."`
	Stage      stageCommand      `cmd:"" help:"Show or change the stage of a job's migration from V1 to V2."`
	History    historyCommand    `cmd:"" help:"Show what the days of a job came to."`
	Accept     acceptCommand     `cmd:"" help:"Accept the divergences of a signature as intended."`
	State      stateCommand      `cmd:"" help:"Show stored checkpoints."`
	Token      tokenCommand      `cmd:"" help:"Make tokens for clients of the server."`
	Version    versionCommand    `cmd:"" help:"Show version, commit and Go."`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`
}

// parser builds the command line's parser.
func (e *env) parser(p *program) (*kong.Kong, *int, error) {
	exited := -1
	k, err := kong.New(p,
		kong.Name("parallax"),
		kong.Description("Run two versions of a Kafka stream job side by side. May V2 take over?"),
		kong.UsageOnError(),
		kong.Vars{"version": "parallax " + version},
		kong.Writers(e.text(), e.errs),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	return k, &exited, err
}

// parse reads the command line. done is set where help was all that was wanted,
// or where it could not be read.
func (e *env) parse(args []string) (c command, done bool, code int) {
	var p program
	e.json = slices.Contains(args, "--json") // for errors in the flags themselves
	k, exited, err := e.parser(&p)
	if err != nil {
		return nil, true, e.exit(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := k.Parse(args)
	if *exited >= 0 {
		return nil, true, *exited
	}
	if err != nil {
		return nil, true, e.exit(usageError(err))
	}
	e.json = p.JSON
	if err := refuseEmptyFlags(parsed); err != nil {
		return nil, true, e.exit(err)
	}
	chosen, ok := parsed.Selected().Target.Addr().Interface().(command)
	if !ok {
		return nil, true, e.exit(fmt.Errorf("unknown command %s", parsed.Command()))
	}
	e.log = newLogger(e.errs, levelOf(p.LogLevel, chosen), p.LogFormat)
	return chosen, false, 0
}

// refuseEmptyFlags returns an error for a flag with an empty text, such as --run "$ID" with a
// variable that is not set: it would have the same effect as no flag.
func refuseEmptyFlags(c *kong.Context) error {
	for _, p := range c.Path {
		if f := p.Flag; f != nil && f.Target.Kind() == reflect.String && f.Target.String() == "" {
			return fmt.Errorf("--%s: it is empty: give it a value, or leave it out", f.Name)
		}
	}
	return nil
}

func usageError(err error) error {
	return &hintedError{plainUsage(err), "see parallax --help, or parallax COMMAND --help"}
}

// hintedError is an error and what the user can do about it.
type hintedError struct {
	error
	hint string
}

func (e *hintedError) Unwrap() error { return e.error }

// levelOf resolves --log-level: a job that runs for long says how it is.
func levelOf(level string, c command) string {
	if level != "auto" {
		return level
	}
	switch c.(type) {
	case *runCommand, *serveCommand:
		return "info"
	}
	return "warn"
}

func newLogger(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelWarn // kong has checked it
	}
	if isTerminal(w) {
		w = newOverdraw(w)
	}
	opts := &slog.HandlerOptions{Level: l}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// exit turns what a command returned into the exit code, and says what went
// wrong.
func (e *env) exit(err error) int {
	if err == nil {
		return exitPass
	}
	if code, ok := errors.AsType[exitCode](err); ok {
		return int(code)
	}
	e.fail(err)
	return exitError
}

// fail writes an error to standard error: as text, or with --json as one JSON
// object in a line.
func (e *env) fail(err error) {
	message, hint := plainPaths(err), ""
	if h, ok := errors.AsType[*hintedError](err); ok {
		hint = h.hint
	}
	if s, ok := errors.AsType[*sql.Error](err); ok && s.Hint != "" {
		hint = s.Hint
		message = strings.TrimSuffix(message, "\n  "+hint)
	}
	if e.json {
		// A write that fails has nowhere to be reported.
		line := json.NewEncoder(e.errs)
		line.SetEscapeHTML(false)
		_ = line.Encode(map[string]string{"error": message, "hint": hint})
		return
	}
	if hint != "" {
		message += "\n  " + hint
	}
	fmt.Fprintf(e.errs, "parallax: %s\n", message)
}

// isTerminal reports whether progress may be drawn over itself.
func isTerminal(w io.Writer) bool {
	f, ok := unwrapped(w).(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" && os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// examples joins the lines of a command's help.
func examples(lines ...string) string {
	return "Examples:\n\n  " + strings.Join(lines, "\n  ")
}
