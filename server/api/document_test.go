package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"parallax/server/resource"
)

// readDocument is the OpenAPI document, as clients get it.
func readDocument(t testing.TB) *openapi3.T {
	t.Helper()
	text, err := Document()
	if err != nil {
		t.Fatal(err)
	}
	d, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDocumentIsValid(t *testing.T) {
	if err := readDocument(t).Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

// Every route is in the document, with its role and its query, and the document has no other.
func TestTheDocumentHasTheRoutes(t *testing.T) {
	described := map[string]string{}
	for path, item := range readDocument(t).Paths.Map() {
		for method, o := range item.Operations() {
			role, _ := o.Extensions["x-role"].(string)
			var query []string
			for _, p := range o.Parameters {
				if p.Value.In == openapi3.ParameterInQuery {
					query = append(query, p.Value.Name)
				}
			}
			slices.Sort(query)
			described[method+" "+path] = fmt.Sprint(strings.Fields(role + " -")[0], " ", query)
		}
	}
	has := map[string]string{}
	for _, r := range routes {
		role := string(r.needs)
		if role == "" {
			role = "-"
		}
		query := slices.Sorted(slices.Values(r.query))
		switch r.path { // they read their query themselves
		case "/v1/events":
			query = []string{"after"}
		case "/v1/gate":
			query = []string{"job"}
		}
		has[r.method+" "+strings.ReplaceAll(r.path, "...}", "}")] = fmt.Sprint(role, " ", query)
	}
	if !maps.Equal(described, has) {
		for _, route := range slices.Sorted(maps.Keys(has)) {
			if described[route] != has[route] {
				t.Errorf("%s needs and reads %q; the document says %q", route, has[route], described[route])
			}
		}
		for _, route := range slices.Sorted(maps.Keys(described)) {
			if _, ok := has[route]; !ok {
				t.Errorf("the document has %s, and there is no such route", route)
			}
		}
	}
}

// The document describes every field of the types that are read and written. A field that is
// added to one of them is added to openapi.yaml.
func TestTheDocumentHasTheFields(t *testing.T) {
	schemas := readDocument(t).Components.Schemas
	names := map[reflect.Type]string{
		reflect.TypeFor[resource.StageChange]():  "StageChange",
		reflect.TypeFor[rescaleRequest]():        "RescaleRequest",
		reflect.TypeFor[resource.RuleRequest]():  "RuleRequest",
		reflect.TypeFor[resource.StageRequest](): "StageRequest",
	}
	for _, v := range []any{
		resource.Job{},
		resource.Details{},
		resource.Stage{},
		resource.NextStage{},
		resource.PlanStep{},
		resource.Signature{},
		resource.Divergence{},
		resource.Column{},
		resource.Ledger{},
		resource.Rules{},
		resource.Rule{},
		resource.AcceptRequest{},
		resource.RuleEffect{},
		resource.ExplainRequest{},
		resource.Explanation{},
		resource.Change{},
		resource.ConfigValue{},
		resource.Report{},
		resource.HistoryEntry{},
		resource.AuditEntry{},
		resource.Event{},
		resource.Problem{},
		resource.Emission{},
		resource.Output{},
		resource.Partition{},
		resource.Routing{},
		gateAnswer{},
	} {
		names[reflect.TypeOf(v)] = strings.ToUpper(reflect.TypeOf(v).Name()[:1]) + reflect.TypeOf(v).Name()[1:]
	}
	for typ, name := range names {
		s := schemas[name]
		if s == nil {
			t.Errorf("the document has no schema %s for %v", name, typ)
			continue
		}
		want, got := jsonNames(typ), slices.Sorted(maps.Keys(s.Value.Properties))
		if !slices.Equal(got, want) {
			t.Errorf("schema %s has the properties\n%v; %v has\n%v", name, got, typ, want)
		}
	}
}

// jsonNames are the names of a type's fields in JSON.
func jsonNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, jsonNames(f.Type)...)
		case f.IsExported() && name != "-":
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestTheDocumentIsServed(t *testing.T) {
	c := newClient(t)
	var served map[string]any
	if err := json.Unmarshal(c.do("GET", "/v1/openapi.json", "").Body.Bytes(), &served); err != nil || served["openapi"] != "3.1.1" {
		t.Errorf("%v: %v", err, served["openapi"])
	}
}
