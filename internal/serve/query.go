package serve

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// newRequest returns a pointer to a new request of the operation.
func (o *operation) newRequest() any { return reflect.New(reflect.TypeOf(o.request)).Interface() }

// fields calls visit with each field of a struct, those of embedded structs too, by its name in JSON.
func fields(v reflect.Value, visit func(name, doc string, optional bool, field reflect.Value)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			fields(v.Field(i), visit)
			continue
		}
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && name != "-" {
			visit(name, f.Tag.Get("doc"), strings.Contains(rest, "omitempty"), v.Field(i))
		}
	}
}

// fieldNames returns the names of the fields of a request.
func (o *operation) fieldNames() []string {
	names := []string{"model"}
	fields(reflect.ValueOf(o.newRequest()).Elem(), func(name, _ string, _ bool, _ reflect.Value) { names = append(names, name) })
	return names
}

// fromQuery reads a request from the parameters of an address. A list is a parameter that occurs several times.
func (o *operation) fromQuery(q url.Values) (any, error) {
	request := o.newRequest()
	var wrong error
	fields(reflect.ValueOf(request).Elem(), func(name, _ string, _ bool, field reflect.Value) {
		values := q[name]
		if len(values) == 0 || wrong != nil {
			return
		}
		for _, v := range values {
			if !utf8.ValidString(v) {
				wrong = invalid("%s is not UTF-8", name)
				return
			}
		}
		if field.Type() == reflect.TypeFor[[]string]() {
			field.Set(reflect.ValueOf(values))
			return
		}
		if len(values) > 1 {
			wrong = invalid("%s is given %d times, want it once", name, len(values))
			return
		}
		var err error
		switch field.Kind() {
		case reflect.String:
			field.SetString(values[0])
		case reflect.Int:
			var n int64
			n, err = strconv.ParseInt(values[0], 10, strconv.IntSize)
			field.SetInt(n)
		case reflect.Uint64:
			var n uint64
			n, err = strconv.ParseUint(values[0], 10, 64)
			field.SetUint(n)
		case reflect.Bool:
			var b bool
			b, err = strconv.ParseBool(values[0])
			field.SetBool(b)
		default:
			wrong = invalid("%s can't be given in the address; send a POST request with a JSON object", name)
		}
		if err != nil {
			wrong = invalid("%s is %.40q, want %s", name, values[0], kindName(field.Type()))
		}
	})
	if wrong != nil {
		return nil, wrong
	}
	known := o.fieldNames()
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(known, name) {
			return nil, invalid("there is no parameter %.40q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return request, nil
}

// kindName names what a parameter has to be.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number, 0 or more"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Array:
		return "a pair of words"
	}
	return "text"
}
