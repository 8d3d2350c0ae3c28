package lower

import (
	"fmt"
	"go/types"
	"strings"
)

// keeping lists the packages of compiled Go that take what an interface holds as it is: they store it or know package dynamic.
var keeping = map[string]bool{
	"fmt": true, "log": true, "errors": true, "sync": true, "sync/atomic": true, "context": true, "testing": true,
	"container/list": true, "container/ring": true, "container/heap": true, "encoding/json": true,
	displayPath: true,
}

// comparing lists functions of other packages to which a value's shape is all that matters.
var shapeOnly = map[string]bool{
	"sort.Slice": true, "sort.SliceStable": true, "sort.SliceIsSorted": true, "reflect.Swapper": true,
	"runtime.KeepAlive": true, "fmt.Sscan": true, "fmt.Sscanf": true, "fmt.Sscanln": true, "fmt.Scan": true, "fmt.Scanf": true,
	"fmt.Scanln": true, "fmt.Fscan": true, "fmt.Fscanf": true, "fmt.Fscanln": true,
}

const displayPath = "gokernel/kernel/display"

// policy returns, as a format, what has to be done with an argument for a parameter of type any, "" for nothing: compiled code
// sees a value's shape, not its type. What that would get wrong is refused when it happens.
func (f *fn) policy(callee *types.Func) string {
	if callee == nil || callee.Pkg() == nil || callee.Pkg().Path() == "main" {
		return ""
	}
	path := callee.Pkg().Path()
	name := strings.ReplaceAll(callee.FullName(), "%", "%%")
	switch {
	case shapeOnly[name]:
		return f.l.gk("Raw") + "(%s)"
	case name == "reflect.DeepEqual", keeping[path], f.l.engine.libraries[path] != nil && callee.Signature().TypeParams().Len() > 0:
		return ""
	case strings.HasPrefix(path, "gokernel/"):
		return ""
	case path == "log/slog":
		return f.l.gk("Shown") + "(%s)"
	}
	return f.l.gk("Plain") + fmt.Sprintf("(%q, %%s)", name)
}
