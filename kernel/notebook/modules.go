package notebook

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"gokernel/kernel"
	"gokernel/kernel/jupyter"
	"gokernel/kernel/magic"
	"gokernel/kernel/native/program"
	"gokernel/kernel/native/toolchain"
)

// modulePackages is a native.Modules: it finds packages of the notebook's modules for compiled cells.
func (n *Notebook) modulePackages(ctx context.Context, version string, imports []string, flags toolchain.Flags) (toolchain.Packages, error) {
	m, tc, err := n.tools(ctx)
	if err != nil {
		return nil, err
	}
	if tc.Version != version {
		return nil, fmt.Errorf("the Go toolchain of the cells' environment is %s, but that of compiled cells %s: set PATH with %%env", tc.Version, version)
	}
	packages, err := tc.Packages(ctx, m.Dir(), imports, flags)
	if err != nil {
		var said *toolchain.Error
		if errors.As(err, &said) {
			return nil, moduleError(n.library.readers(m, said))
		}
		return nil, err
	}
	if path := n.library.load(packages); path != "" {
		return nil, moduleError("the package " + path + " has changed since compiled cells loaded it: " +
			"%reset, or a restart of the kernel, lets them load what it is now")
	}
	return packages, nil
}

// moduleError is the error of a cell that cannot be compiled on account of a module.
func moduleError(text string) *kernel.CellError {
	const name = "module error"
	return &kernel.CellError{Name: name, Value: text, Traceback: []string{red + bold + name + plain + ": " + text}}
}

// get is %get.
func (n *Notebook) get(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.getModules(ctx, call, p))
}

func (n *Notebook) getModules(ctx context.Context, call magic.Call, p piece) error {
	queries := strings.Fields(call.Args)
	for _, q := range queries {
		if strings.HasPrefix(q, "-") {
			return &magic.UsageError{Line: call.Line, Message: "%get knows no flags; it takes modules, as in %get github.com/google/uuid@v1.6.0"}
		}
		if strings.HasPrefix(q, ".") || strings.HasPrefix(q, "/") {
			return &magic.UsageError{Line: call.Line, Message: fmt.Sprintf("%%get takes modules; a directory is for %%use %s", q)}
		}
	}
	if len(queries) == 0 {
		return &magic.UsageError{Line: call.Line, Message: "%get takes modules, as in %get github.com/google/uuid@v1.6.0"}
	}
	m, tc, err := n.tools(ctx)
	if err != nil {
		return err
	}
	added, err := m.Get(ctx, tc, queries...)
	if err != nil {
		return offline(err, tc.GOPROXY)
	}
	for _, q := range queries {
		path, _, _ := strings.Cut(q, "@")
		name, imported, _ := m.Package(ctx, tc, path)
		n.library.changed(name, imported)
	}
	for _, r := range added {
		if !r.Indirect || len(added) == 1 || asked(queries, r.Path) {
			p.out.Stream(jupyter.Stdout, r.Path+" "+r.Version+"\n")
		}
	}
	if len(added) == 0 {
		p.out.Stream(jupyter.Stdout, "Nothing is new.\n")
	}
	return nil
}

// asked reports whether a module is one of the queries, or holds the package that one of them names.
func asked(queries []string, module string) bool {
	for _, q := range queries {
		path, _, _ := strings.Cut(q, "@")
		if path == module || strings.HasPrefix(path, module+"/") {
			return true
		}
	}
	return false
}

// showModules is %mod.
func (n *Notebook) showModules(ctx context.Context, call magic.Call, p piece) error {
	if call.Args != "" {
		return n.misused(p.name, &magic.UsageError{Line: call.Line, Message: "%mod takes no argument; %get and %use change what it shows"})
	}
	m, tc, err := n.tools(ctx)
	if err != nil {
		return n.unbuilt(call, p, err)
	}
	text, err := m.Text()
	if err != nil {
		return err
	}
	if tc.GOWORK != "" {
		text += "\n// go.work: " + tc.GOWORK + "\n"
	}
	p.out.Stream(jupyter.Stdout, text)
	return nil
}

// use is %use.
func (n *Notebook) use(ctx context.Context, call magic.Call, p piece) error {
	return n.unbuilt(call, p, n.useDirectory(ctx, call, p))
}

func (n *Notebook) useDirectory(ctx context.Context, call magic.Call, p piece) error {
	dir := strings.Trim(call.Args, `"'`)
	if dir == "" {
		return &magic.UsageError{Line: call.Line, Message: "%use takes a directory with a package, as in %use ./shapes"}
	}
	if !filepath.IsAbs(dir) {
		here := n.dir()
		if here == "" {
			here = "."
		}
		abs, err := filepath.Abs(filepath.Join(here, dir))
		if err != nil {
			return fmt.Errorf("finding %s: %w", dir, err)
		}
		dir = abs
	}
	m, tc, err := n.tools(ctx)
	if err != nil {
		return err
	}
	path, err := m.Use(ctx, tc, dir)
	if err != nil {
		return offline(err, tc.GOPROXY)
	}
	name, imported, ok := m.Package(ctx, tc, path)
	n.library.changed(name, imported)
	if !ok || name == "main" {
		p.out.Stream(jupyter.Stdout, "Packages of the module "+path+" can be imported now.\n")
		return nil
	}
	if _, _, err := m.Export(ctx, tc, path); err != nil {
		return n.refused(m, err)
	}
	p.out.Stream(jupyter.Stdout, fmt.Sprintf("import %q\n", path))
	return nil
}

// refused says of an error of the go command about a package what is wrong with it, in the reader's file.
func (n *Notebook) refused(m *program.Module, err error) error {
	var said *toolchain.Error
	if !errors.As(err, &said) {
		return err
	}
	return &program.Error{Message: n.library.readers(m, said)}
}

// offline says of an error of the go command that it could not reach what it asked, if that is it.
func offline(err error, proxy string) error {
	text := err.Error()
	for _, sign := range []string{"dial tcp", "no such host", "connection refused", "i/o timeout", "network is unreachable", "TLS handshake timeout", "module lookup disabled by GOPROXY=off"} {
		if strings.Contains(text, sign) {
			return &program.Error{Message: unreachable(proxy)}
		}
	}
	return err
}

// unreachable says why a module could not be fetched.
func unreachable(proxy string) string {
	if proxy == "off" {
		return "the module could not be fetched: GOPROXY=off forbids it"
	}
	return fmt.Sprintf("the module could not be fetched: GOPROXY=%s cannot be reached (offline?)", proxy)
}
