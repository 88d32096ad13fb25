package api

import (
	"reflect"
	"strings"
	"testing"

	"parallax/server/resource"
)

// What encoding/json would take in silence is refused, in words of the API.
func TestABodyIsReadStrictly(t *testing.T) {
	for _, c := range []struct{ target, body, want string }{
		{"/v1/jobs/orders/rescale", `{"partitions":4,"partitions":8}`, "the field partitions is given twice"},
		{"/v1/jobs/orders/rescale", `{"Partitions":4}`, `unknown field \"Partitions\": write partitions`},
		{"/v1/jobs/orders/rescale", `{"partitions":4,"PARTITIONS":8}`, `unknown field \"PARTITIONS\": write partitions`},
		{"/v1/jobs/orders/rescale", `{"partitions":"8"}`, "partitions: must be a whole number"},
		{"/v1/jobs/orders/rescale", `{"partitions":1e3}`, "partitions: must be a whole number"},
		{"/v1/jobs/orders/rescale", `{"partitions":99999999999999999999}`, "partitions: must be a whole number"},
		{"/v1/jobs/orders/rescale", `{"partitions":null}`, "partitions: must be a whole number"},
		{"/v1/jobs/orders/stage", `{"to":"next","force":"true"}`, "force: must be true or false"},
		{"/v1/jobs/orders/stage", `{"to":["back"]}`, "to: must be text"},
		{"/v1/jobs/orders/stage", `{"to":"back","to":"next"}`, "the field to is given twice"},
		{"/v1/jobs/orders/stage", `{"to":"back","\u0074o":"next"}`, "the field to is given twice"},
		{"/v1/jobs/orders/stage", "{\"to\":\"back\xff\"}", "not UTF-8"},
		{"/v1/jobs/orders/stage", `{"to":"ba`, "ends in the middle"},
		{"/v1/jobs/orders/rules", `{"rule":{"column":"A","column":"B"}}`, "the field rule.column is given twice"},
		{"/v1/jobs/orders/rules", `{"rule":{"Column":"A"}}`, `unknown field \"rule.Column\": write rule.column`},
		{"/v1/jobs/orders/rules", `{"rule":{"absolute":"x"}}`, "rule.absolute: must be a number"},
		{"/v1/jobs/orders/rules", `{"rule":{"max_rate":1e999}}`, "rule.max_rate: must be a number"},
		{"/v1/jobs/orders/rules", `{"rule":{"expires":20270101}}`, "rule.expires: must be text"},
		{"/v1/jobs/orders/rules", `{"rule":[]}`, "rule: must be an object"},
		{"/v1/jobs/orders/accept", `{"signature":"x","max_count":1.5}`, "max_count: must be a whole number"},
		{"/v1/jobs/orders/accept", `{"acceptance":{"signature":"x"}}`, `unknown field \"acceptance\"`},
		{"/v1/jobs/orders/accept", `{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, "depth"},
		{"/v1/jobs/orders/explain", `{"signature":{"id":"x"}}`, "signature: must be text"},
	} {
		cl := newClient(t)
		w := cl.send("POST", c.target, "application/json", c.body)
		text := w.Body.String()
		if w.Code != 400 || !strings.Contains(text, c.want) || strings.Contains(text, "Go ") {
			t.Errorf("%s %.60s: %d %s; want 400 with %q", c.target, c.body, w.Code, text, c.want)
		}
	}
}

// Every field of every body can be read: its type is one that the reader knows.
func TestEveryFieldOfABodyCanBeRead(t *testing.T) {
	var check func(reflect.Type)
	check = func(of reflect.Type) {
		fields := fieldsOf(of)
		if len(fields) == 0 {
			t.Errorf("%v has no fields", of)
		}
		for name, f := range fields {
			switch f.Kind() {
			case reflect.Struct:
				check(f)
			case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
			default:
				t.Errorf("%s is a %v", name, f)
			}
		}
	}
	for _, body := range []any{rescaleRequest{}, resource.StageRequest{}, resource.RuleRequest{}, resource.AcceptRequest{}, resource.ExplainRequest{}} {
		check(reflect.TypeOf(body))
	}
}
