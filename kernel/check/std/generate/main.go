// Command generate writes the embedded data of kernel/check/std from the Go installation at hand: the types of the
// standard library for each platform, its documentation, the source of its generic functions, and the same of the
// packages that are preloaded into every notebook. For one Go version it always writes the same bytes.
//
// It runs in kernel/check/std, by go generate.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/tools/go/gcexportdata"

	"gokernel/internal/gostd"
)

// preloaded lists the packages of this project that cells may import.
var preloaded = []string{
	"gokernel/kernel/display",
	"gokernel/internal/concurrency",
	"gokernel/internal/concurrency/drawing",
	"gokernel/internal/concurrency/life",
	"gokernel/internal/exercise",
}

func main() {
	log.SetFlags(0)
	if err := generate(context.Background()); err != nil {
		log.Fatalf("generating kernel/check/std: %v", err)
	}
}

func generate(ctx context.Context) error {
	var own zipWriter
	var first *gostd.Set
	var firstIndex string
	for _, p := range gostd.Platforms() {
		set, err := gostd.Load(ctx, gostd.Config{Platform: p, Extra: preloaded})
		if err != nil {
			return err
		}
		if err := writeTypes(set, p, &own); err != nil {
			return err
		}
		index := packageIndex(set)
		if first == nil {
			first, firstIndex = set, index
		} else if index != firstIndex {
			return fmt.Errorf("the packages for %s differ from those for %s", p, gostd.Platforms()[0])
		}
	}
	if err := os.WriteFile("index.txt", []byte(firstIndex), 0o666); err != nil {
		return err
	}
	if err := writeDocs(first, &own); err != nil {
		return err
	}
	if err := writeSource(ctx, &own); err != nil {
		return err
	}
	for _, p := range first.Importable(false) {
		for i, name := range p.Names {
			src, err := os.ReadFile(filepath.Join(p.Dir, p.Names[i]))
			if err != nil {
				return err
			}
			own.add("source/"+p.Path+"/"+name, src)
		}
	}
	return own.write("preloaded.zip")
}

// packageIndex is the content of index.txt: the version, then one package a line.
func packageIndex(set *gostd.Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", runtime.Version())
	for _, std := range []bool{true, false} {
		for _, p := range set.Importable(std) {
			mark := ""
			if !std {
				mark = " preloaded"
			}
			fmt.Fprintf(&b, "%s %s%s\n", p.Path, p.Types.Name(), mark)
		}
	}
	return b.String()
}

// writeTypes writes the types in the indexed export format, which holds for each package all it mentions of others. The
// compiler's own format has function bodies too and is four times the size.
func writeTypes(set *gostd.Set, platform gostd.Platform, own *zipWriter) error {
	var std zipWriter
	for _, ours := range []bool{false, true} {
		z, prefix := &std, ""
		if ours {
			z, prefix = own, "types/"+platform.String()+"/"
		}
		for _, p := range set.Importable(!ours) {
			if p.Path == "unsafe" {
				continue
			}
			var b bytes.Buffer
			if err := gcexportdata.Write(&b, set.Fset, p.Types); err != nil {
				return fmt.Errorf("writing the types of %s: %w", p.Path, err)
			}
			z.add(prefix+p.Path, b.Bytes())
		}
	}
	return std.write("export_" + platform.String() + ".zip")
}
