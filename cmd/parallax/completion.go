package main

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"

	"parallax/diff"
	"parallax/processors/faults"
	"parallax/processors/route"
	"parallax/shadow/workload"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

func (completionCommand) Help() string {
	return examples(
		"source <(parallax completion bash)",
		"parallax completion zsh > ~/.zfunc/_parallax",
		"parallax completion fish > ~/.config/fish/completions/parallax.fish",
	)
}

// completed is a command as completion scripts know it.
type completed struct {
	Name, Help string
	// Commands are those that stand after it.
	Commands []string
	Flags    []string
	// Values are the words that a flag takes, by flag.
	Values map[string][]string
}

func (c *completionCommand) Run(e *env) error {
	var p program
	k, _, err := e.parser(&p)
	if err != nil {
		return err
	}
	var commands []completed
	for _, n := range k.Model.Children {
		commands = append(commands, completed{Name: n.Name, Help: strings.ReplaceAll(n.Help, "'", ""), Commands: commandNames(n), Flags: flagNames(n), Values: flagValues(n)})
	}
	script, ok := completionScripts[c.Shell]
	if !ok {
		return fmt.Errorf("no completion script for shell %s; use bash, zsh or fish", c.Shell)
	}
	return script.Execute(e.out, commands)
}

func commandNames(n *kong.Node) []string {
	var names []string
	for _, c := range n.Children {
		names = append(names, c.Name)
	}
	return names
}

func flagNames(n *kong.Node) []string {
	var names []string
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			names = append(names, "--"+f.Name)
		}
	}
	return names
}

// named are the flags whose words are lists of the program's own.
var named = map[string]func() []string{
	"fault":     faults.Names,
	"scenario":  workload.IDs,
	"level":     diff.LevelNames,
	"strategy":  func() []string { return words(route.Strategies()) },
	"processor": func() []string { return []string{"v1", "v2", "v2:4", "v2:affinity", "oracle"} },
}

func words[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// flagValues are the words that a command's flags take, for those that take words.
func flagValues(n *kong.Node) map[string][]string {
	values := map[string][]string{}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			if list, ok := named[f.Name]; ok && !f.IsBool() {
				values["--"+f.Name] = list()
			} else if f.Enum != "" {
				values["--"+f.Name] = strings.Split(f.Enum, ",")
			}
		}
	}
	return values
}

var completionScripts = map[string]*template.Template{
	"bash": completionScript(`_parallax() {
  local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words
  case ${COMP_WORDS[1]}:$previous in
{{- range $c := .}}{{range $flag, $words := .Values}}
    {{$c.Name}}:{{$flag}}) COMPREPLY=($(compgen -W "{{join $words}}" -- "$cur")); return ;;
{{- end}}{{end}}
  esac
  case ${COMP_WORDS[1]} in
{{- range .}}
    {{.Name}}) words="{{join .Commands}} {{join .Flags}}" ;;
{{- end}}
    *) words="{{range .}}{{.Name}} {{end}}" ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words="{{range .}}{{.Name}} {{end}}"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [ ${#COMPREPLY[@]} -eq 0 ] && COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _parallax parallax
`),
	"zsh": completionScript(`#compdef parallax
_parallax() {
  local -a commands
  commands=({{range .}}'{{.Name}}:{{.Help}}' {{end}})
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case $words[2]:$words[CURRENT-1] in
{{- range $c := .}}{{range $flag, $words := .Values}}
    {{$c.Name}}:{{$flag}}) compadd -- {{join $words}}; return ;;
{{- end}}{{end}}
  esac
  case $words[2] in
{{- range .}}
    {{.Name}}) _alternative 'flags:flag:({{join .Commands}} {{join .Flags}})' 'files:file:_files' ;;
{{- end}}
  esac
}
_parallax "$@"
`),
	"fish": completionScript(`{{range .}}complete -c parallax -n __fish_use_subcommand -a {{.Name}} -d '{{.Help}}'
{{$c := .}}{{range .Commands}}complete -c parallax -n '__fish_seen_subcommand_from {{$c.Name}}' -a {{.}}
{{end}}{{range .Flags}}complete -c parallax -n '__fish_seen_subcommand_from {{$c.Name}}' -l {{trim .}}{{with index $c.Values .}} -x -a '{{join .}}'{{end}}
{{end}}{{end}}`),
}

func completionScript(text string) *template.Template {
	return template.Must(template.New("completion").Funcs(template.FuncMap{
		"join": func(s []string) string { return strings.Join(s, " ") },
		"trim": func(s string) string { return strings.TrimPrefix(s, "--") },
	}).Parse(text))
}
