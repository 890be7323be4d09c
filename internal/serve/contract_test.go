package serve

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kindred/corpus/vocab"
	"kindred/internal/modeltest"
	"kindred/model"
)

// A contract checks answers against the schemas of the OpenAPI document: as much of JSON Schema as that uses.
type contract struct {
	t        *testing.T
	document map[string]any
}

// faults returns what a value has that the schema does not allow, or lacks. An object may have no other properties than
// those of the schema, if it has any.
func (c contract) faults(at string, schema map[string]any, value any) []string {
	if ref, ok := schema["$ref"].(string); ok {
		schema = c.document["components"].(map[string]any)["schemas"].(map[string]any)[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any)
	}
	if choices, ok := schema["anyOf"].([]any); ok {
		var all []string
		for _, choice := range choices {
			faults := c.faults(at, choice.(map[string]any), value)
			if len(faults) == 0 {
				return nil
			}
			all = append(all, faults...)
		}
		return all
	}
	wrong := func() []string { return []string{fmt.Sprintf("%s is %v, want %v", at, value, schema["type"])} }
	var faults []string
	switch schema["type"] {
	case "object":
		object, ok := value.(map[string]any)
		if !ok {
			return wrong()
		}
		properties, limited := schema["properties"].(map[string]any)
		for name, v := range object {
			property, ok := properties[name].(map[string]any)
			switch {
			case ok:
				faults = append(faults, c.faults(at+"."+name, property, v)...)
			case limited:
				faults = append(faults, fmt.Sprintf("%s has %q, which the document lacks", at, name))
			}
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := object[name.(string)]; !ok {
				faults = append(faults, fmt.Sprintf("%s lacks %q", at, name))
			}
		}
	case "array":
		list, ok := value.([]any)
		if !ok {
			return wrong()
		}
		for i, v := range list {
			faults = append(faults, c.faults(fmt.Sprintf("%s[%d]", at, i), schema["items"].(map[string]any), v)...)
		}
	case "string":
		if _, ok := value.(string); !ok {
			return wrong()
		}
	case "number", "integer":
		if x, ok := value.(float64); !ok || schema["type"] == "integer" && x != float64(int64(x)) {
			return wrong()
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong()
		}
	default:
		return []string{fmt.Sprintf("%s: the document has the type %v", at, schema["type"])}
	}
	return faults
}

// answer checks the answer to a request.
func (c contract) answer(method, address string, status int, value any) {
	path, _, _ := strings.Cut(address, "?")
	operation := c.document["paths"].(map[string]any)[path].(map[string]any)[strings.ToLower(method)].(map[string]any)
	responses := operation["responses"].(map[string]any)
	response, ok := responses[fmt.Sprint(status)].(map[string]any)
	if !ok {
		response = responses["default"].(map[string]any)
	}
	schema := response["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)
	for _, fault := range c.faults("the answer", schema, value) {
		c.t.Errorf("%s %s: %s", method, address, fault)
	}
}

// composedServer returns a server of a model that makes vectors of words never seen.
func composedServer(t testing.TB) *Server {
	t.Helper()
	stored := []string{"king", "queen", "prince", "queenie", "kingly"}
	v, err := vocab.New(stored, []int64{9, 8, 7, 6, 5})
	if err != nil {
		t.Fatal(err)
	}
	pairs := modeltest.Pairs{Vocabulary: v}
	e := modeltest.Random(pairs.Rows(), 8, 5)
	e.Vocabulary, e.Manifest = pairs, &model.Manifest{Tool: "test", Vectors: len(stored), Dim: 8}
	s, err := New(t.Context(), []string{"v"}, Options{Limits: DefaultLimits(), Load: func(context.Context, string) (*model.Embeddings, []string, error) {
		return e, []string{"a warning"}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Answers and errors are as the OpenAPI document describes them, and its parameters are those that the server takes.
func TestAnswersFitOpenAPI(t *testing.T) {
	s := composedServer(t)
	_, document := ask(t, s, "GET", "/openapi.json", "")
	c := contract{t, document}
	answered := map[string]bool{}
	for _, request := range []struct{ method, address, body string }{
		{"GET", "/health", ""},
		{"GET", "/v1/models", ""},
		{"GET", "/v1/neighbors?word=king&top=2", ""},
		{"POST", "/v1/neighbors", `{"positive":["king","kingly"],"negative":["queen"],"among":["queenie","prince"],"top":2}`},
		{"POST", "/v1/neighbors", `{"word":"?"}`},
		{"GET", "/v1/neighbors", ""},
		{"GET", "/v1/analogy?a=king&b=queen&c=prince", ""},
		{"POST", "/v1/analogy", `{"a":"king","b":"queen","c":"prince","method":"mul"}`},
		{"GET", "/v1/similarity?a=king&b=kings", ""},
		{"POST", "/v1/similarity", `{"pairs":[["king","queen"]]}`},
		{"GET", "/v1/vector?word=king&words=kings", ""},
		{"POST", "/v1/vector", `{"word":"kings","normalize":true}`},
		{"GET", "/v1/line?line=king+%3F&top=1", ""},
		{"POST", "/v1/line", `{"line":"king"}`},
		{"GET", "/v1/prefix?prefix=k", ""},
		{"POST", "/v1/prefix", `{"prefix":"none"}`},
		{"GET", "/v1/random?number=2", ""},
		{"POST", "/v1/random", `{}`},
		{"POST", "/v1/batch", `{"requests":[{"operation":"neighbors","word":"king"},{"operation":"vector","word":"?"},{"operation":"random"}]}`},
	} {
		status, a := ask(t, s, request.method, request.address, request.body)
		c.answer(request.method, request.address, status, a)
		path, _, _ := strings.Cut(request.address, "?")
		answered[request.method+" "+path] = true
	}
	for path, methods := range document["paths"].(map[string]any) {
		for method, operation := range methods.(map[string]any) {
			if !answered[strings.ToUpper(method)+" "+path] && path != "/metrics" && path != "/openapi.json" {
				t.Errorf("%s %s was not asked", method, path)
			}
			parameters, _ := operation.(map[string]any)["parameters"].([]any)
			for _, p := range parameters {
				name := p.(map[string]any)["name"].(string)
				if _, a := ask(t, s, "GET", path+"?"+name+"=1", ""); strings.Contains(fmt.Sprint(a["error"]), "there is no parameter") {
					t.Errorf("%s: the document has the parameter %s, which the server does not know", path, name)
				}
			}
		}
	}
	// Words never seen, and words of a list that are not stored, are told.
	_, a := ask(t, s, "POST", "/v1/neighbors", `{"positive":["kings"],"among":["queen","?"]}`)
	if !slices.Equal(words(a, "neighbors"), []string{"queen"}) || fmt.Sprint(a["composed"]) != "[kings]" || fmt.Sprint(a["missing"]) != "[?]" {
		t.Errorf("a word never seen among a list: %v", a)
	}
}
