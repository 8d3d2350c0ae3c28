package nbformat

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// schemaJSON is nbformat.v4.5.schema.json of the Python package nbformat 5.11.1 (BSD-3-Clause, see
// schema/LICENSE.nbformat), unchanged.
//
//go:embed schema/nbformat.v4.5.schema.json
var schemaJSON []byte

// schema compiles the schema at its first use; a kernel never validates.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		return nil, fmt.Errorf("reading the notebook schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("nbformat.v4.5.schema.json", doc); err != nil {
		return nil, fmt.Errorf("adding the notebook schema: %w", err)
	}
	return c.Compile("nbformat.v4.5.schema.json")
})

// An Invalid lists all that is wrong with a notebook, one line each, in document order.
type Invalid []string

// Error returns the lines.
func (e Invalid) Error() string { return "invalid notebook: " + strings.Join(e, "\n") }

// Validate holds a file as it is, not as Read would mend it, against the official schema of version 4.5,
// and checks what the schema cannot say: cell ids are unique. It returns nil, an [Invalid], or what Read
// returns for a file that is not JSON. A notebook of an older version is invalid: read and write it first.
func Validate(b []byte) error {
	root, err := parseJSON(b)
	if err != nil {
		return err
	}
	major, minor, err := version(root)
	if err != nil {
		return err
	}
	if major != Major || minor != Minor {
		return Invalid{fmt.Sprintf("nbformat: version is %d.%d, want %d.%d", major, minor, Major, Minor)}
	}
	s, err := schema()
	if err != nil {
		return err
	}
	var found Invalid
	var bad *jsonschema.ValidationError
	switch err := s.Validate(machineNumbers(root)); {
	case errors.As(err, &bad):
		p := message.NewPrinter(language.English)
		for _, leaf := range leaves(bad) {
			found = append(found, place(leaf.InstanceLocation)+": "+leaf.ErrorKind.LocalizedString(p))
		}
	case err != nil:
		return fmt.Errorf("validating notebook: %w", err)
	}
	found = append(found, sameIDs(root)...)
	if found == nil {
		return nil
	}
	return found
}

// machineNumbers turns the numbers of a tree into machine types. The schema library would make them exact
// fractions, and 1e999999999, ten bytes in a file, would take all memory.
func machineNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil { // out of range: no value of the schema's is
			return math.MaxFloat64
		}
		return f
	case []any:
		for i, e := range v {
			v[i] = machineNumbers(e)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = machineNumbers(e)
		}
	}
	return v
}

// leaves returns the errors that name a fault. Of a oneOf's branches it follows the one that the cell_type
// or output_type of the value means; the others fail by their nature and would only confuse.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	_, choice := e.ErrorKind.(*kind.OneOf)
	for _, c := range e.Causes {
		found := leaves(c)
		if choice && slices.ContainsFunc(found, wrongBranch) {
			continue
		}
		all = append(all, found...)
	}
	if all == nil { // the type is one that no branch has
		all = leaves(e.Causes[0])
	}
	return all
}

func wrongBranch(e *jsonschema.ValidationError) bool {
	at := e.InstanceLocation
	_, isEnum := e.ErrorKind.(*kind.Enum)
	return isEnum && len(at) > 0 && (at[len(at)-1] == "cell_type" || at[len(at)-1] == "output_type")
}

// place writes a location as a reader counts: cell 3, output 1, data.
func place(at []string) string {
	var parts []string
	for i := 0; i < len(at); i++ {
		name := at[i]
		if i+1 < len(at) && (name == "cells" || name == "outputs") {
			if n, err := strconv.Atoi(at[i+1]); err == nil {
				parts = append(parts, fmt.Sprintf("%s %d", strings.TrimSuffix(name, "s"), n+1))
				i++
				continue
			}
		}
		parts = append(parts, name)
	}
	if len(parts) == 0 {
		return "notebook"
	}
	return strings.Join(parts, ", ")
}

func sameIDs(root map[string]any) []string {
	var found []string
	first := map[string]int{}
	cells, _ := root["cells"].([]any)
	for i, v := range cells {
		c, _ := v.(map[string]any)
		id, ok := c["id"].(string)
		if !ok {
			continue
		}
		if n, dup := first[id]; dup {
			found = append(found, fmt.Sprintf("cell %d, id: %q is also the id of cell %d", i+1, id, n))
			continue
		}
		first[id] = i + 1
	}
	return found
}
