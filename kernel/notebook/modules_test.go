package notebook

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gokernel/kernel/native/toolchain"
)

// proxy writes a module proxy into a directory, which a file URL can name, with versions of the module example.com/greet.
func proxy(t *testing.T, versions map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	at := filepath.Join(dir, "example.com", "greet", "@v")
	if err := os.MkdirAll(at, 0o777); err != nil {
		t.Fatal(err)
	}
	list := ""
	for version, source := range versions {
		list += version + "\n"
		mod := "module example.com/greet\n\ngo 1.21\n"
		writeFile(t, filepath.Join(at, version+".info"), `{"Version":"`+version+`","Time":"2024-01-01T00:00:00Z"}`)
		writeFile(t, filepath.Join(at, version+".mod"), mod)
		f, err := os.Create(filepath.Join(at, version+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(f)
		for name, text := range map[string]string{"go.mod": mod, "greet.go": source} {
			w, err := z.Create("example.com/greet@" + version + "/" + name)
			if err == nil {
				_, err = w.Write([]byte(text))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(at, "list"), list)
	return "file://" + dir
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestModules(t *testing.T) {
	url := proxy(t, map[string]string{
		"v1.0.0": "// Package greet greets.\npackage greet\n\nimport \"time\"\n\nfunc Hello(name string) string { return \"hello, \" + name }\nfunc Wait() time.Duration { return time.Second }\n",
		"v1.1.0": "package greet\n\nfunc Hello(name string) string { return \"hi, \" + name }\nfunc More() int { return 1 }\n",
	})
	n := book(t)
	var c lastNumber
	for _, code := range []string{"%env GOPROXY=" + url, "%env GOSUMDB=off", "%env GOFLAGS=-modcacherw", "%env GOMODCACHE=" + t.TempDir()} {
		if r := c.cell(t, n, code); r.err != nil {
			t.Fatal(r.failure())
		}
	}
	want(t, "unknown import", c.cell(t, n, "import \"example.com/greet\"").failure(), "package example.com/greet is not available: %get example.com/greet brings it")
	want(t, "a package of x/sync", c.cell(t, n, "g := errgroup.Group{}").failure(), "package golang.org/x/sync/errgroup is not available: %get golang.org/x/sync/errgroup brings it")
	if got := c.cell(t, n, "%get example.com/greet@v1.0.0"); got.text() != "example.com/greet v1.0.0\n" {
		t.Errorf("%%get: got %q %s", got.text(), got.failure())
	}
	want(t, "%mod", c.cell(t, n, "%mod").text(), "module gokernel", "require example.com/greet v1.0.0")
	r := c.cell(t, n, "%%race\nimport \"example.com/greet\"\nd := greet.Wait() + time.Millisecond\nfmt.Println(greet.Hello(\"you\"), d)")
	want(t, "%%race", r.text()+r.failure(), "hello, you 1.001s\n")
	r = c.cell(t, n, "%%test\nfunc TestHello(t *testing.T) { t.Error(greet.Hello(\"me\")) }")
	text, _ := r.tables()
	want(t, "import left out", text+r.failure(), "hello, me")
	if r := n.Complete("greet.He", 8); !slices.Contains(r.Matches, "Hello") {
		t.Errorf("completing greet.He gives %q", r.Matches)
	}
	if data, ok := n.Inspect("greet.Hello", 11, 0); !ok || !strings.Contains(data["text/plain"].(string), "Hello(name string) string") {
		t.Errorf("inspecting greet.Hello gives %v", data)
	}
	want(t, "newer", c.cell(t, n, "%get example.com/greet").text(), "example.com/greet v1.1.0\n")
	r = c.cell(t, n, "%%race\nfmt.Println(greet.Hello(\"you\"), greet.More())")
	want(t, "newer", r.text()+r.failure(), "hi, you 1\n")
	want(t, "wrong name", c.cell(t, n, "%%race\ngreet.Nothing()").failure(), ":2:7: undefined: greet.Nothing")
	for _, tt := range [][2]string{
		{"%get example.com/greet@v9.0.0", "magic error: %get: example.com/greet@v9.0.0: "},
		{"%get example.com/nothing", "magic error: %get: "},
		{"%get", "magic error: %get takes modules"},
		{"%get ./here", "%use ./here"},
		{"%use", "magic error: %use takes a directory"},
		{"%use ./nowhere/at/all", "no such directory"},
		{"%mod tidy", "%mod takes no argument"},
		{"import \"example.com/other\"", "%get example.com/other brings it"},
		{"import \"nosuch\"", "package nosuch is not in std"},
		{"%env GOPROXY=off\n%get rsc.io/abc", "the module could not be fetched: GOPROXY=off forbids it"},
	} {
		want(t, tt[0], c.cell(t, n, tt[0]).failure(), tt[1])
	}
	c.cell(t, n, "%reset")
	if text := c.cell(t, n, "%mod").text(); strings.Contains(text, "greet") {
		t.Errorf("after %%reset: got\n%s", text)
	}
}

// TestLoadedModules checks that a package which compiled cells have loaded is not loaded again after it has changed.
func TestLoadedModules(t *testing.T) {
	n := book(t)
	n.library.changed("shapes", "shapes")
	for _, tt := range []struct {
		packages toolchain.Packages
		want     string
	}{
		{toolchain.Packages{"shapes": "1", "fmt": "1", "example.com/a": "1"}, ""},
		{toolchain.Packages{"fmt": "2", "example.com/b": "1"}, ""},
		{toolchain.Packages{"shapes": "2"}, "shapes"},
		{toolchain.Packages{"shapes": "1", "example.com/a": "2"}, "example.com/a"},
		{toolchain.Packages{"shapes": "1", "example.com/a": "1"}, ""},
	} {
		if got := n.library.load(tt.packages); got != tt.want {
			t.Errorf("loading %v: got %q, want %q", tt.packages, got, tt.want)
		}
	}
	n.library.reset()
	if got := n.library.load(toolchain.Packages{"example.com/a": "2"}); got != "" {
		t.Errorf("after a reset: got %q", got)
	}
}

func TestUse(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "shapes", "shapes.go"), "package shapes\n\nfunc Area() int { return 4 }\n")
	writeFile(t, filepath.Join(dir, "tools", "go.mod"), "module example.org/tools\n\ngo 1.21\n")
	writeFile(t, filepath.Join(dir, "tools", "deep", "deep.go"), "package deep\n\nconst Name = \"deep\"\n")
	n := book(t)
	var c lastNumber
	c.cell(t, n, "%cd "+dir)
	if r := c.cell(t, n, "%use ./shapes"); r.text() != "import \"shapes\"\n" {
		t.Errorf("%%use: got %q %s", r.text(), r.failure())
	}
	r := c.cell(t, n, "%%race\nimport \"shapes\"\nfmt.Println(shapes.Area())")
	want(t, "used", r.text()+r.failure(), "4\n")
	writeFile(t, filepath.Join(dir, "shapes", "shapes.go"), "package shapes\n\nfunc Area() string { return \"five\" }\n")
	r = c.cell(t, n, "%%race\nfmt.Println(strings.ToUpper(shapes.Area()))")
	want(t, "changed", r.text()+r.failure(), "FIVE\n")
	r = c.cell(t, n, "%use tools/deep\n%mod")
	want(t, "of a module", r.text()+r.failure(), "import \"example.org/tools/deep\"\n", "replace example.org/tools => ")
	r = c.cell(t, n, "%%race\nfmt.Println(deep.Name)")
	want(t, "of a module", r.text()+r.failure(), "deep\n")
}

func TestWorkspace(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.work"), "go 1.21\n\nuse ./lib\n")
	writeFile(t, filepath.Join(dir, "lib", "go.mod"), "module example.net/lib\n\ngo 1.21\n")
	writeFile(t, filepath.Join(dir, "lib", "lib.go"), "package lib\n\nfunc Double(n int) int { return 2 * n }\n")
	writeFile(t, filepath.Join(dir, "notes", "readme"), "")
	n := book(t)
	var c lastNumber
	c.cell(t, n, "%cd "+filepath.Join(dir, "notes"))
	c.cell(t, n, "%env GOFLAGS=-mod=mod -buildvcs=false") // a workspace allows no -mod=mod
	r := c.cell(t, n, "%%race\nimport \"example.net/lib\"\nfmt.Println(lib.Double(4))")
	want(t, "go.work", r.text()+r.failure(), "8\n")
	want(t, "%mod", c.cell(t, n, "%mod").text(), "// go.work: "+filepath.Join(dir, "go.work"))
}
