package serve

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"kindred/internal/version"
)

// An object is a JSON object of the OpenAPI document.
type object = map[string]any

// openAPI returns the OpenAPI 3.1 document of the server, made from the operations that it has.
func (s *Server) openAPI() object {
	problem := object{"description": "the request failed", "content": jsonContent(object{"$ref": "#/components/schemas/Failure"})}
	get := func(summary string, answer object) object {
		return object{"get": object{"summary": summary, "responses": object{
			"200": object{"description": "the answer", "content": jsonContent(answer)}, "default": problem,
		}}}
	}
	paths := object{
		"/health":       get("whether the models can be asked", schema(reflect.TypeFor[healthResponse]())),
		"/openapi.json": get("this document", object{"type": "object"}),
		"/v1/models": get("the models, and how they were made", object{"type": "object", "required": []string{"models"}, "properties": object{
			"models": object{"type": "array", "items": schema(reflect.TypeFor[ModelFacts]())},
		}}),
		"/metrics": object{"get": object{"summary": "figures in the text format of Prometheus", "responses": object{
			"200": object{"description": "the figures", "content": object{"text/plain": object{"schema": object{"type": "string"}}}},
		}}},
	}
	var all, results []any
	for _, o := range operations {
		request := schema(reflect.TypeOf(o.request))
		properties := request["properties"].(object)
		properties["model"] = object{"type": "string", "description": "the name of the model; the first if absent"}
		responses := object{
			"200":     object{"description": "the answer", "content": jsonContent(schema(reflect.TypeOf(o.response)))},
			"default": problem,
		}
		var parameters []any
		required := request["required"].([]string)
		for _, name := range o.fieldNames() {
			property := properties[name].(object)
			items, list := property["items"].(object)
			if list && items["type"] != "string" {
				continue // only in a body
			}
			parameter := object{"name": name, "in": "query", "schema": property}
			if slices.Contains(required, name) {
				parameter["required"] = true
			}
			parameters = append(parameters, parameter)
		}
		paths["/v1/"+o.name] = object{
			"get":  object{"operationId": o.name, "summary": o.summary, "parameters": parameters, "responses": responses},
			"post": object{"operationId": o.name + "Post", "summary": o.summary, "requestBody": object{"required": true, "content": jsonContent(request)}, "responses": responses},
		}
		named := object{"type": "object", "required": append([]string{"operation"}, required...), "properties": object{"operation": object{"const": o.name}}}
		for name, property := range properties {
			named["properties"].(object)[name] = property
		}
		all, results = append(all, named), append(results, schema(reflect.TypeOf(o.response)))
	}
	paths["/v1/batch"] = object{"post": object{
		"summary": "several requests at once; one that fails does not stop the others",
		"requestBody": object{"required": true, "content": jsonContent(object{"type": "object", "required": []string{"requests"}, "properties": object{
			"requests": object{"type": "array", "items": object{"oneOf": all}},
		}})},
		"responses": object{"default": problem, "200": object{"description": "an answer or an error for each request, in their order", "content": jsonContent(object{
			"type": "object", "required": []string{"answers"}, "properties": object{"answers": object{"type": "array", "items": object{"type": "object", "properties": object{
				"result": object{"anyOf": results}, "error": object{"$ref": "#/components/schemas/Error"},
			}}}},
		})}},
	}}
	components := object{"schemas": object{
		"Error": schema(reflect.TypeFor[Error]()),
		"Failure": object{"type": "object", "required": []string{"error"}, "properties": object{
			"error": object{"$ref": "#/components/schemas/Error"},
		}},
	}}
	document := object{
		"openapi":    "3.1.0",
		"info":       object{"title": "kindred", "version": version.String(), "description": "questions about word vectors"},
		"paths":      paths,
		"components": components,
	}
	if s.o.Token != "" {
		components["securitySchemes"] = object{"token": object{"type": "http", "scheme": "bearer"}}
		document["security"] = []object{{"token": []string{}}}
		paths["/health"].(object)["get"].(object)["security"] = []object{}
	}
	return document
}

func jsonContent(schema object) object {
	return object{"application/json": object{"schema": schema}}
}

// schema returns the JSON schema of a type.
func schema(t reflect.Type) object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage](), t.Kind() == reflect.Pointer, t.Kind() == reflect.Map:
		return object{"type": "object"} // docs/formats.md has the manifest
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return object{"type": "integer"}
	case reflect.Float32, reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": schema(t.Elem())}
	case reflect.Array:
		return object{"type": "array", "items": schema(t.Elem()), "minItems": t.Len(), "maxItems": t.Len()}
	}
	properties, required := object{}, []string{}
	fields(reflect.New(t).Elem(), func(name, doc string, optional bool, field reflect.Value) {
		property := schema(field.Type())
		if doc != "" {
			property["description"] = strings.TrimSpace(doc)
		}
		properties[name] = property
		if !optional {
			required = append(required, name)
		}
	})
	return object{"type": "object", "properties": properties, "required": required}
}
