package sql

import "strings"

// maxDepth limits nesting, and maxOperators the operators of a statement. Together they
// limit the depth of a tree, so that no script exhausts the stack of a function that walks
// it.
const (
	maxDepth     = 200
	maxOperators = 10_000
)

// Parse reads a script. The error, if any, is an *Error.
func Parse(script string) (*Script, error) {
	p := &parser{script: script, tokens: lex(script), alias: -1}
	out := &Script{Text: script}
	for {
		for p.accept(";") {
		}
		if p.peek().kind == end {
			break
		}
		p.operators, p.alias = 0, -1
		out.Statements = append(out.Statements, p.statement())
		if p.peek().kind != end {
			p.expect(";")
		}
	}
	if len(out.Statements) == 0 {
		p.fail(0, "the script has no statement")
	}
	if p.err != nil {
		return nil, p.err
	}
	return out, nil
}

// parser reads the tokens. Its first error moves it to the end of the script, where no
// token is accepted any more: every method then returns quickly, and its node is discarded.
type parser struct {
	script    string
	tokens    []token
	next      int
	depth     int
	operators int // of this statement
	// alias is the index of the last token read as an alias without AS, -1 for none. It may
	// be a misspelled keyword.
	alias int
	err   *Error
}

func (p *parser) fail(at Pos, format string, args ...any) {
	p.failWith(Errorf(p.script, at, format, args...))
}

func (p *parser) failWith(err *Error) {
	if p.err == nil {
		p.err = err
	}
	p.next = len(p.tokens) - 1
}

// unexpected fails at the next token and names the expected syntax. If the token is similar
// to one of the keywords, the error suggests that.
func (p *parser) unexpected(want string, keywords ...string) {
	t := p.peek()
	found := p.script[t.at:t.end]
	switch {
	case t.kind == end:
		found = "the end of the script"
	case t.kind == unknown && t.text == "/*":
		found = "a comment that is never closed"
	case t.kind == unknown && strings.Contains("'\"`", t.text):
		found = "a quote that is never closed"
	}
	err := Errorf(p.script, t.at, "expected %s, found %s", want, found)
	if near := Nearest(t.upper, keywords); t.kind == word && near != "" && near != t.upper {
		err = err.WithHint("did you mean %s?", near)
	}
	p.failWith(err)
}

// deeper counts a level of nesting, and reports whether it may be entered. The
// caller counts it down again.
func (p *parser) deeper() bool {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.peek().at, "this is nested more than %d deep", maxDepth)
	}
	return p.depth <= maxDepth
}

// operator counts an operator of the statement.
func (p *parser) operator(at Pos) {
	if p.operators++; p.operators > maxOperators {
		p.fail(at, "the statement has more than %d operators", maxOperators)
	}
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) peekAt(n int) token { return p.tokens[min(p.next+n, len(p.tokens)-1)] }

func (p *parser) advance() token {
	t := p.tokens[p.next]
	if t.kind != end {
		p.next++
	}
	return t
}

// is reports whether the next tokens are these keywords or symbols.
func (p *parser) is(texts ...string) bool {
	for i, want := range texts {
		if p.peekAt(i).upper != want {
			return false
		}
	}
	return true
}

// isAny reports whether the next token is one of these keywords or symbols.
func (p *parser) isAny(texts ...string) bool {
	for _, t := range texts {
		if p.peek().upper == t {
			return true
		}
	}
	return false
}

// accept takes the next tokens if they are these.
func (p *parser) accept(texts ...string) bool {
	if !p.is(texts...) {
		return false
	}
	p.next += len(texts)
	return true
}

// expect takes the next tokens, which must be these.
func (p *parser) expect(texts ...string) token {
	t := p.peek()
	for _, want := range texts {
		if want == "," && !p.is(want) {
			p.unexpected("a comma")
		} else if !p.accept(want) {
			p.unexpected(want, want)
		}
	}
	return t
}

// list reads what read reads, at least once, with commas between.
func list[T any](p *parser, read func() T) []T {
	var all []T
	for {
		all = append(all, read())
		if !p.accept(",") {
			return all
		}
	}
}

// isName reports whether the next token can be a name.
func (p *parser) isName() bool {
	t := p.peek()
	return t.kind == quoted || t.kind == word && !reserved[t.upper]
}

// name reads an identifier.
func (p *parser) name(what string) Name {
	t := p.peek()
	switch {
	case t.kind == quoted && t.text == "":
		p.fail(t.at, "a quoted name is empty")
	case t.kind == quoted:
		p.advance()
		return Name{Text: t.text, At: t.at}
	case t.kind == word && reserved[t.upper]:
		p.fail(t.at, "expected %s, found the reserved word %s; quote it to use it as a name: `%s`", what, t.text, t.text)
	case t.kind == word:
		p.advance()
		return Name{Text: t.upper, At: t.at}
	default:
		p.unexpected(what)
	}
	return Name{}
}

// aliasName reads [AS] name, if it is there.
func (p *parser) aliasName() Name {
	if p.accept("AS") {
		return p.name("an alias")
	}
	if !p.isName() {
		return Name{}
	}
	p.alias = p.next
	return p.name("an alias")
}
