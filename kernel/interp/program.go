package interp

import (
	"time"

	"gokernel/kernel/interp/dynamic"
)

// A Program is a lowered cell, in the JSON that package lower gives it.
type Program struct {
	Cell    string            `json:"cell"`    // as in "cell [7]"
	Imports map[string]string `json:"imports"` // alias → import path of the packages that Source refers to; "gk" is the runtime
	Source  string            `json:"source"`  // a file of package main, without imports
	Entry   string            `json:"entry"`   // the function of Source that runs the cell; "" if nothing is to run
	Funcs   map[string]string `json:"funcs"`   // functions of Source → what the reader calls them
	Units   []Unit            `json:"units,omitempty"`
	Prelude string            `json:"prelude,omitempty"` // a file of types, to define before Source
	Types   []dynamic.Desc    `json:"types,omitempty"`   // that interfaces may hold
}

// A Unit is compiled code that is loaded before Source is defined, once.
type Unit struct {
	Path    string   `json:"path"`    // under which Source and later units import it
	File    string   `json:"file"`    // the plugin
	Vars    []string `json:"vars"`    // emitted names of the variables whose addresses it wants
	Storage []string `json:"storage"` // emitted names of the variables that live in it
}

// A Reply is what a cell that succeeded evaluates to.
type Reply struct {
	Data     map[string]any `json:"data,omitempty"` // the result's forms by MIME type; empty if the cell has no result
	Metadata map[string]any `json:"metadata,omitempty"`
	Steps    int            `json:"steps"` // the highest number given to Step
	Took     time.Duration  `json:"took"`  // how long the cell ran, without what came before and after
}
