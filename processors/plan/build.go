package plan

import (
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// BuildOptions are settings that the script itself does not contain.
type BuildOptions struct {
	// DefaultTopic is the sink of a bare SELECT; if it is "", a bare SELECT is refused.
	DefaultTopic string
}

// Compile parses a script and plans it. The error, if any, is an *sql.Error.
func Compile(text string, opt BuildOptions) (*Plan, error) {
	script, err := sql.Parse(text)
	if err != nil {
		return nil, err
	}
	return Build(script, opt)
}

// Build plans a script. Sources that no query reads are omitted.
func Build(script *sql.Script, opt BuildOptions) (*Plan, error) {
	b := &builder{script: script, opt: opt, plan: &Plan{}, used: map[string]int{}, keyFormats: map[string]bool{}}
	for _, s := range script.Statements {
		if err := b.statement(s); err != nil {
			return nil, err
		}
	}
	if len(b.plan.Queries) == 0 {
		return nil, b.errorf(0, "the script declares sources but has no query: add a SELECT or a CREATE ... AS SELECT")
	}
	b.plan.markKeyed()
	return b.plan, nil
}

// builder plans one script.
type builder struct {
	script   *sql.Script
	opt      BuildOptions
	plan     *Plan
	declared []*row.Source
	outputs  []output       // of CREATE ... AS
	topics   []string       // of the sinks
	used     map[string]int // index in plan.Sources by name
	itemsAt  []sql.Pos      // where the query's columns are selected
	// keyFormats holds, by the name of a source or sink, whether the script states its key
	// format.
	keyFormats map[string]bool
}

func (b *builder) errorf(at sql.Pos, format string, args ...any) *sql.Error {
	return sql.Errorf(b.script.Text, at, format, args...)
}

func (b *builder) statement(s sql.Statement) error {
	switch s := s.(type) {
	case *sql.CreateSource:
		src, err := b.createSource(s)
		if err != nil {
			return err
		}
		b.declared = append(b.declared, src)
	case *sql.CreateAs:
		q, err := b.createAs(s)
		if err != nil {
			return err
		}
		q.Explain = s.Explain
		b.plan.Queries = append(b.plan.Queries, q)
		if s.Name.Text != "" {
			b.outputs = append(b.outputs, rowsOf(q))
		}
		b.plan.ExplainOnly = b.plan.ExplainOnly || s.Explain
	}
	return nil
}

// checkNameFree refuses a name that the script has already defined.
func (b *builder) checkNameFree(n sql.Name) error {
	for _, s := range b.declared {
		if s.Name == n.Text {
			return b.errorf(n.At, "%s is declared twice", n.Text)
		}
	}
	for _, o := range b.outputs {
		if o.rows.Name == n.Text {
			return b.errorf(n.At, "%s is declared twice", n.Text)
		}
	}
	return nil
}

func (b *builder) createSource(s *sql.CreateSource) (*row.Source, error) {
	if err := b.checkNameFree(s.Name); err != nil {
		return nil, err
	}
	src := &row.Source{Name: s.Name.Text, Topic: s.Name.Text, Table: s.Table, Timestamp: -1, KeyFormat: row.FormatKafka}
	for _, c := range s.Columns {
		if err := b.declareColumn(src, c); err != nil {
			return nil, err
		}
	}
	if s.Table && !slices.Contains(src.Key, true) {
		return nil, b.errorf(s.At, "a TABLE is kept by its PRIMARY KEY, and %s has none: write PRIMARY KEY after the type of its key", src.Name)
	}
	src.Needed = make([]bool, len(src.Columns))
	target := &withTarget{at: s.At, source: src}
	if err := b.applyWith(sourceProperties, target, s.With); err != nil {
		return nil, err
	}
	return src, b.finishSource(src, s, target)
}

func (b *builder) declareColumn(src *row.Source, c sql.ColumnDef) error {
	switch {
	case isSystemName(c.Name.Text):
		return b.errorf(c.Name.At, "%s is a reserved name", c.Name.Text)
	case c.Key && src.Table:
		return b.errorf(c.Name.At, "a TABLE has a PRIMARY KEY: write %s PRIMARY KEY", c.Type.Type)
	case c.Primary && !src.Table:
		return b.errorf(c.Name.At, "a STREAM has no PRIMARY KEY: write %s KEY", c.Type.Type)
	}
	for _, other := range src.Columns {
		if other.Name == c.Name.Text {
			return b.errorf(c.Name.At, "column %s is declared twice", c.Name.Text)
		}
	}
	if c.Key && hasMap(c.Type.Type) {
		return b.errorf(c.Name.At, "a MAP cannot be a key: column %s is %s", c.Name.Text, c.Type.Type)
	}
	src.Columns = append(src.Columns, row.Column{Name: c.Name.Text, Type: c.Type.Type})
	src.Key = append(src.Key, c.Key || c.Primary)
	return b.declareHeader(src, c)
}

// source finds the source that FROM names: a declared source, which gets an index in the
// plan if it has none, or the output of another query.
func (b *builder) source(n sql.Name) (Input, error) {
	var names []string
	for _, s := range b.declared {
		names = append(names, s.Name)
		if s.Name != n.Text {
			continue
		}
		i, ok := b.used[s.Name]
		if !ok {
			i = len(b.plan.Sources)
			b.used[s.Name] = i
			b.plan.Sources = append(b.plan.Sources, s)
			if s.Timestamp >= 0 {
				s.Needed[s.Timestamp] = true
			}
			for c, key := range s.Key {
				s.Needed[c] = s.Needed[c] || s.Table && key
			}
		}
		return Input{Source: i, Stage: -1, Rows: s}, nil
	}
	for _, o := range b.outputs {
		names = append(names, o.rows.Name)
		if o.rows.Name != n.Text {
			continue
		}
		if o.query.Sink.WindowScope {
			return Input{}, b.errorf(n.At, "a query cannot read %s, which has emit_scope='window': the number of its rows depends on how keys are distributed over partitions", n.Text)
		}
		return o.input(), nil
	}
	err := b.errorf(n.At, "unknown source %s", n.Text)
	switch near := sql.Nearest(n.Text, names); {
	case near != "":
		err = err.WithHint("did you mean %s?", near)
	case len(names) > 0:
		err = err.WithHint("declared sources: %s", strings.Join(names, ", "))
	default:
		err = err.WithHint("declare it first: CREATE STREAM %s (...) WITH (kafka_topic='...')", n.Text)
	}
	return Input{}, err
}

func (b *builder) createAs(s *sql.CreateAs) (*Query, error) {
	q := &Query{Index: len(b.plan.Queries), Sink: &row.Sink{}}
	switch {
	case s.Name.Text != "":
		if err := b.checkNameFree(s.Name); err != nil {
			return nil, err
		}
		q.Sink.Name, q.Sink.Topic, q.Sink.Table = s.Name.Text, strings.ToUpper(s.Name.Text), s.Table
	case b.opt.DefaultTopic == "":
		return nil, b.errorf(s.At, "a bare SELECT has no sink: write CREATE STREAM ... AS SELECT, or name a sink (`sink: {topic: ...}` in a job file)")
	default:
		q.Sink.Name, q.Sink.Topic = b.opt.DefaultTopic, b.opt.DefaultTopic
	}
	target := &withTarget{at: s.At, sink: q.Sink, query: q}
	if err := b.selectFrom(q, s, target); err != nil {
		return nil, err
	}
	for _, t := range b.topics {
		if t == q.Sink.Topic {
			return nil, b.errorf(s.At, "two queries write topic %s", t)
		}
	}
	for _, src := range b.declared {
		if src.Topic == q.Sink.Topic {
			return nil, b.errorf(s.At, "the query writes topic %s, which %s is read from: it would read its own output", src.Topic, src.Name)
		}
	}
	b.topics = append(b.topics, q.Sink.Topic)
	return q, nil
}

// selectFrom plans the query of a statement into q.
func (b *builder) selectFrom(q *Query, s *sql.CreateAs, target *withTarget) error {
	sel := s.Select
	in, err := b.source(sel.From.Source)
	if err != nil {
		return err
	}
	src := in.Rows
	q.From = append(q.From, in)
	q.Sink.KeyFormat, q.Sink.Format = src.KeyFormat, src.Format
	q.Sink.KeyDelimiter, q.Sink.Delimiter = src.KeyDelimiter, src.Delimiter
	if src.KeyFormat == row.FormatNone {
		q.Sink.KeyFormat = row.FormatKafka // a source without keys can have keyed outputs
	}
	if err := b.applyWith(sinkProperties, target, s.With); err != nil {
		return err
	}
	sc := &scope{b: b, from: []from{{src: src, name: sourceNameIn(sel.From)}}}
	for _, j := range sel.Joins {
		if err := b.join(q, j, sc); err != nil {
			return err
		}
	}
	if sel.Where != nil {
		if q.Where, err = sc.condition(sel.Where, "WHERE"); err != nil {
			return err
		}
	}
	if len(sel.GroupBy) > 0 || containsAggregate(sel) {
		if sel.Distinct {
			return b.unsupported(sel.DistinctAt, "DISTINCT beside GROUP BY or an aggregate")
		}
		err = b.aggregation(q, s, sc)
	} else {
		err = b.projection(q, s, sc)
	}
	if err != nil {
		return err
	}
	if target.windowScope && (q.Aggregation == nil || q.Aggregation.Window == nil) {
		return b.errorf(s.At, "emit_scope='window' requires a windowed aggregation")
	}
	if target.windowScope && q.Aggregation.Window.Kind == Session {
		return b.errorf(sel.Window.At, "emit_scope='window' is not for SESSION windows: a session has one key")
	}
	if target.windowScope {
		q.Aggregation.WindowScope, q.Sink.WindowScope = true, true
	}
	if err := b.finishSink(q, s, target); err != nil {
		return err
	}
	if err := b.limit(q, sel); err != nil {
		return err
	}
	return b.cut(q)
}

// projection plans a SELECT without groups: one row for each record, or with EXPLODE for
// each element. The rows have the source's key, or the one of PARTITION BY.
func (b *builder) projection(q *Query, s *sql.CreateAs, sc *scope) error {
	sel := s.Select
	switch {
	case sel.Window != nil:
		return b.errorf(sel.Window.At, "a WINDOW requires a GROUP BY or an aggregate")
	case sel.Having != nil:
		return b.errorf(sel.Having.Pos(), "HAVING requires a GROUP BY or an aggregate: use WHERE")
	case sel.Emit == sql.EmitFinal:
		return b.errorf(sel.EmitAt, "EMIT FINAL requires a GROUP BY or an aggregate: a projection emits at once")
	case s.Table && !sc.first().Table:
		return b.errorf(s.At, "a projection of a stream is a stream: write CREATE STREAM %s AS", s.Name.Text)
	case !s.Table && s.Name.Text != "" && sc.first().Table:
		return b.errorf(s.At, "a projection of a table is a table: write CREATE TABLE %s AS", s.Name.Text)
	}
	sc.over, sc.explode = &Over{}, &explosion{}
	if err := b.items(q, sel, sc); err != nil {
		return err
	}
	if err := b.explode(q, sel, sc); err != nil {
		return err
	}
	if sc.first().Table {
		if err := b.tableOnly(s, sc); err != nil {
			return err
		}
	}
	if sc.first().Table && len(q.Joins) == 0 {
		return b.tableProjection(q, s, sc)
	}
	if sel.Distinct {
		if len(sc.over.Calls) > 0 {
			return b.unsupported(sel.DistinctAt, "DISTINCT beside OVER")
		}
		if err := b.distinct(q, sc); err != nil {
			return err
		}
		if sel.PartitionBy != nil {
			return b.partitionBy(q, sel, sc)
		}
		return nil
	}
	if len(sc.over.Calls) > 0 {
		q.Over = sc.over
		q.Split = splitOfOver(q.Over, sc.first())
		if len(q.Over.PartitionBy) > 0 && sel.PartitionBy == nil {
			return b.overKey(q, s, sc)
		}
	} else {
		q.Sink.AnyPartition = true
		q.Split = Split{Stateless: true, Reason: "each record is projected by itself: any routing will do"}
		if len(q.Explode) > 0 {
			q.Split.Reason = "each record's rows are made of it alone: any routing will do"
		}
	}
	if sel.PartitionBy != nil {
		return b.partitionBy(q, sel, sc)
	}
	if len(q.Joins) > 0 {
		return b.joinKey(q, s)
	}
	if src := sc.first(); src.Windowed {
		// The rows keep the windows of the source's rows.
		q.Sink.Windowed, q.Sink.Session, q.Sink.Grace = true, src.Session, src.Grace
		for i := len(src.Columns) - 2; i < len(src.Columns); i++ {
			sc.column(0, i)
		}
	}
	for i, c := range sc.first().Columns {
		if !sc.first().Key[i] || sc.first().Windowed && i >= len(sc.first().Columns)-2 {
			continue
		}
		e := sc.column(0, i)
		if err := b.addKey(q, e, c.Name, s.At); err != nil {
			return err
		}
	}
	return nil
}

// distinct keys the rows of SELECT DISTINCT by their columns.
func (b *builder) distinct(q *Query, sc *scope) error {
	for i, e := range q.Items {
		if hasMap(e.Type()) {
			return b.errorf(b.itemsAt[i], "a MAP cannot be a key, as the columns of DISTINCT are: %s is %s", e, e.Type())
		}
	}
	q.Distinct = true
	q.Key, q.Sink.Key = q.Items, q.Sink.Values
	for i := range q.Items {
		q.Sink.FromKey = append(q.Sink.FromKey, i)
	}
	q.Split = Split{
		By:          q.Items,
		SourceKeyed: keyedBy(q.Items, sc.first()),
		Reason:      "records that are the same in the columns of DISTINCT must be in one partition",
	}
	return nil
}

// overKey keys the rows of a query by OVER's PARTITION BY.
func (b *builder) overKey(q *Query, s *sql.CreateAs, sc *scope) error {
	for _, e := range q.Over.PartitionBy {
		name := sc.unnamedKey(q.Sink)
		if c, ok := e.(*Column); ok {
			name = sc.columnName(c)
		}
		if err := b.addKey(q, e, name, s.At); err != nil {
			return err
		}
	}
	for _, item := range q.Items {
		q.Sink.FromKey = append(q.Sink.FromKey, slices.IndexFunc(q.Key, func(key Expr) bool { return Same(item, key) }))
	}
	return nil
}

// aggregation plans a query with groups.
func (b *builder) aggregation(q *Query, s *sql.CreateAs, sc *scope) error {
	sel := s.Select
	if sel.PartitionBy != nil {
		return b.errorf(sel.PartitionByAt, "PARTITION BY cannot be combined with GROUP BY or an aggregate: GROUP BY is the key of its rows")
	}
	if sel.Window != nil && sc.first().Table {
		return b.errorf(sel.Window.At, "a WINDOW is for streams: %s is a table, whose rows stay until they are replaced", sc.first().Name)
	}
	agg := &Aggregation{}
	q.Aggregation = agg
	if sel.Emit == sql.EmitFinal {
		agg.Emit = EmitFinal
	}
	if w := sel.Window; w != nil {
		if err := b.window(agg, w, sc); err != nil {
			return err
		}
		q.Sink.Windowed, q.Sink.Grace, q.Sink.Final = true, agg.Window.Grace, agg.Emit == EmitFinal
		q.Sink.Hopping = agg.Window.Kind == Hopping
		if agg.Window.Kind == Session {
			q.Sink.Session = true
			q.Sink.Grace++ // at this very time a session may still change
		}
	} else if agg.Emit == EmitFinal {
		b.plan.Warnings = append(b.plan.Warnings, fmt.Sprintf("%s: EMIT FINAL without a WINDOW emits when a bounded input ends, so never on an unbounded one", q.Sink.Name))
	}
	for _, g := range sel.GroupBy {
		e, err := sc.bind(g)
		if err != nil {
			return err
		}
		if err := b.notNull(e, g.Pos(), "GROUP BY", "without GROUP BY all records are one group"); err != nil {
			return err
		}
		agg.GroupBy = append(agg.GroupBy, e)
	}
	grouped := &scope{b: b, from: sc.from, agg: agg}
	if err := b.items(q, sel, grouped); err != nil {
		return err
	}
	if sel.Having != nil {
		var err error
		if agg.Having, err = grouped.condition(sel.Having, "HAVING"); err != nil {
			return err
		}
	}
	for i, g := range agg.GroupBy {
		name := sc.unnamedKey(q.Sink)
		if c, ok := g.(*Column); ok {
			name = sc.columnName(c)
		}
		if err := b.addKey(q, &Group{Index: i, Name: name, T: g.Type()}, name, sel.GroupBy[i].Pos()); err != nil {
			return err
		}
	}
	for _, item := range q.Items {
		q.Sink.FromKey = append(q.Sink.FromKey, slices.IndexFunc(q.Key, func(key Expr) bool {
			a, isGroup := item.(*Group)
			b, _ := key.(*Group)
			return isGroup && b != nil && a.Index == b.Index
		}))
	}
	q.Split = splitOf(agg, sc.first())
	return nil
}

func splitOf(agg *Aggregation, src *row.Source) Split {
	if len(agg.GroupBy) == 0 {
		return Split{Reason: "no GROUP BY: all records share one group, so one partition has to see them all"}
	}
	if s, ok := splitOfConstants(agg.GroupBy, "GROUP BY"); ok {
		return s
	}
	return Split{
		By:          agg.GroupBy,
		SourceKeyed: keyedBy(agg.GroupBy, src),
		Reason:      "records of one group must be in one partition, and no two groups share state",
	}
}

// keyedBy reports whether a source has KEY columns and all of them are in by.
func keyedBy(by []Expr, src *row.Source) bool {
	any := false
	for i, key := range src.Key {
		if !key {
			continue
		}
		any = true
		if !slices.ContainsFunc(by, func(e Expr) bool { c, ok := e.(*Column); return ok && c.Index == i }) {
			return false
		}
	}
	return any
}

// addKey makes e a key column under its selected name. It refuses an expression that is
// selected twice, since the key would have two names.
func (b *builder) addKey(q *Query, e Expr, name string, at sql.Pos) error {
	selected, twice := 0, at
	for i, item := range q.Items {
		if Same(item, e) && !(selected > 0 && isConstantKey(e)) {
			name, twice = q.Sink.Values[i].Name, b.itemsAt[i]
			selected++
		}
	}
	if selected > 1 {
		return b.errorf(twice, "key column %s is selected twice: copy it in another form, such as an expression", e)
	}
	for _, k := range q.Sink.Key {
		if k.Name == name {
			return b.errorf(at, "two key columns are named %s", name)
		}
	}
	if hasMap(e.Type()) {
		return b.errorf(at, "a MAP cannot be a key: %s is %s", e, e.Type())
	}
	q.Key = append(q.Key, e)
	q.Sink.Key = append(q.Sink.Key, row.Column{Name: name, Type: e.Type()})
	return nil
}

// finishSink sets what depends on the whole query.
func (b *builder) finishSink(q *Query, s *sql.CreateAs, target *withTarget) error {
	sink := q.Sink
	if sink.KeyFormat == row.FormatNone && len(sink.Key) > 0 {
		return b.errorf(s.At, "key_format='NONE', and the query has a key (%s)", sink.Key[0].Name)
	}
	if target.dropKeys {
		sink.InValue = make([]bool, len(sink.Values))
		for i, item := range q.Items {
			sink.InValue[i] = !q.isNaming(i)
			for _, k := range q.Key {
				if Same(item, k) {
					sink.InValue[i] = false
				}
			}
		}
	}
	return b.finishFormats(sink, target)
}
