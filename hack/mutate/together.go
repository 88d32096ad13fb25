package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// Most mutations are built together: a function that is changed has a copy for
// each change, and calls the one whose number the environment names. A change
// outside of functions, of a constant say, wants a build of its own.

// variable names the mutation that is on, by its place in the list, from 1.
const variable = "MUTANT"

// switchboard is a file of each changed package.
const switchboard = `package %s

import (
	"os"
	"strconv"
)

var mutantThatIsOn, _ = strconv.Atoi(os.Getenv("` + variable + `"))
`

// edit puts text in place of what stands from one place to another.
type edit struct {
	from, to int
	text     string
}

// together makes one text of a file with several mutations, by their numbers. alone
// are those that cannot be among them.
func together(path, text string, mutations map[int]*mutation) (changed, pkg string, alone []int, err error) {
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return "", "", nil, err
	}
	var edits []edit
	var numbers []int
	for n := range mutations {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		m := mutations[n]
		if _, err := m.apply(text); err != nil {
			alone = append(alone, n) // which will say so
			continue
		}
		at := strings.Index(text, m.Old)
		offset := func(p token.Pos) int { return files.Position(p).Offset }
		decl := functionAround(f, offset, at, at+len(m.Old))
		if decl == nil {
			alone = append(alone, n)
			continue
		}
		from, name, open, to := offset(decl.Pos()), offset(decl.Name.Pos()), offset(decl.Body.Lbrace)+1, offset(decl.End())
		copied := fmt.Sprintf("%sMutant%d", decl.Name.Name, n)
		edits = append(edits,
			edit{open, open, fmt.Sprintf(" if mutantThatIsOn == %d { %s }\n", n, forward(decl, copied))},
			edit{to, to, "\n\n" + text[from:name] + copied + text[name+len(decl.Name.Name):at] + m.New + text[at+len(m.Old):to] + "\n"})
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		text = text[:e.from] + e.text + text[e.to:]
	}
	return text, f.Name.Name, alone, nil
}

// functionAround finds the function whose body has a place, if it can be called
// from itself: all its parameters have names.
func functionAround(f *ast.File, offset func(token.Pos) int, from, to int) *ast.FuncDecl {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.FuncDecl)
		if !ok || decl.Body == nil || from <= offset(decl.Body.Lbrace) || to >= offset(decl.End()) {
			continue
		}
		lists := []*ast.FieldList{decl.Type.Params}
		if decl.Recv != nil {
			lists = append(lists, decl.Recv)
		}
		for _, list := range lists {
			for _, field := range list.List {
				if len(field.Names) == 0 || slices.ContainsFunc(field.Names, func(n *ast.Ident) bool { return n.Name == "_" }) {
					return nil
				}
			}
		}
		return decl
	}
	return nil
}

// forward calls a function's copy with its own parameters.
func forward(decl *ast.FuncDecl, copied string) string {
	var args []string
	for _, field := range decl.Type.Params.List {
		for _, n := range field.Names {
			if _, many := field.Type.(*ast.Ellipsis); many {
				args = append(args, n.Name+"...")
			} else {
				args = append(args, n.Name)
			}
		}
	}
	call := copied + "(" + strings.Join(args, ", ") + ")"
	if decl.Recv != nil {
		call = decl.Recv.List[0].Names[0].Name + "." + call
	}
	if decl.Type.Results == nil {
		return call + "; return"
	}
	return "return " + call
}

// overlayOf changes the files of mutations that can be built together.
func overlayOf(list []mutation, read func(path string) (string, error)) (files map[string]string, alone []int, err error) {
	byFile := map[string]map[int]*mutation{}
	for i := range list {
		if byFile[list[i].File] == nil {
			byFile[list[i].File] = map[int]*mutation{}
		}
		byFile[list[i].File][i+1] = &list[i]
	}
	files = map[string]string{}
	for path, mutations := range byFile {
		text, err := read(path)
		if err != nil {
			return nil, nil, err
		}
		changed, pkg, own, err := together(path, text, mutations)
		if err != nil {
			return nil, nil, err
		}
		alone = append(alone, own...)
		if len(own) < len(mutations) {
			files[path] = changed
			files[filepath.Join(filepath.Dir(path), "mutants.go")] = fmt.Sprintf(switchboard, pkg)
		}
	}
	slices.Sort(alone)
	return files, alone, nil
}
