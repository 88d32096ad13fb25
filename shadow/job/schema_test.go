package job_test

import (
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// strict compiles a schema with additionalProperties: false for each object.
func strict(t *testing.T, path string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(doc)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("span.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("span.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func closeObjects(doc any) {
	switch x := doc.(type) {
	case map[string]any:
		if _, isObject := x["properties"].(map[string]any); isObject {
			x["additionalProperties"] = false
		}
		for _, v := range x {
			closeObjects(v)
		}
	case []any:
		for _, v := range x {
			closeObjects(v)
		}
	}
}
