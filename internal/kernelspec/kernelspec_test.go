package kernelspec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// environment returns an Environment of which only the given variables are set.
func environment(goos, home string, vars map[string]string) Environment {
	return Environment{GOOS: goos, Home: home, Getenv: func(name string) string { return vars[name] }}
}

func TestUserDir(t *testing.T) {
	for _, tt := range []struct {
		name string
		env  Environment
		want string
	}{
		{"linux", environment("linux", "/home/ann", nil), "/home/ann/.local/share/jupyter/kernels"},
		{"linux with XDG", environment("linux", "/home/ann", map[string]string{"XDG_DATA_HOME": "/data"}), "/data/jupyter/kernels"},
		{"darwin", environment("darwin", "/Users/ann", nil), "/Users/ann/Library/Jupyter/kernels"},
		{"darwin ignores XDG", environment("darwin", "/Users/ann", map[string]string{"XDG_DATA_HOME": "/data"}), "/Users/ann/Library/Jupyter/kernels"},
		{"darwin with platform directories", environment("darwin", "/Users/ann", map[string]string{"JUPYTER_PLATFORM_DIRS": "1"}), "/Users/ann/Library/Application Support/Jupyter/kernels"},
		{"JUPYTER_DATA_DIR wins", environment("darwin", "/Users/ann", map[string]string{"JUPYTER_DATA_DIR": "/j", "XDG_DATA_HOME": "/data"}), "/j/kernels"},
		{"no home but a data directory", environment("linux", "", map[string]string{"JUPYTER_DATA_DIR": "/j"}), "/j/kernels"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.env.UserDir()
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if dir, err := environment("linux", "", nil).UserDir(); err == nil {
		t.Errorf("without HOME: got %s, want an error", dir)
	}
}

func TestSearchPath(t *testing.T) {
	env := environment("linux", "/home/ann", map[string]string{"JUPYTER_PATH": "/a:/b", "VIRTUAL_ENV": "/venv"})
	want := []string{"/a/kernels", "/b/kernels", "/venv/share/jupyter/kernels", "/home/ann/.local/share/jupyter/kernels",
		"/usr/local/share/jupyter/kernels", "/usr/share/jupyter/kernels"}
	if diff := cmp.Diff(want, env.SearchPath()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSysPrefixIsTheActiveEnvironment(t *testing.T) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		got, err := environment("linux", "", map[string]string{name: "/env"}).SysPrefix(t.Context())
		if err != nil || got != "/env" {
			t.Errorf("%s: got %q, %v; want /env", name, got, err)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"gokernel", "Go-1.26_b"} {
		if err := CheckName(name); err != nil {
			t.Errorf("CheckName(%q) = %v", name, err)
		}
	}
	for _, name := range []string{"", "..", "my kernel", "a/b", "gö"} {
		if err := CheckName(name); !errors.Is(err, ErrName) {
			t.Errorf("CheckName(%q) = %v, want ErrName", name, err)
		}
	}
}

// install writes an installation of name into dir, with a small file as the program.
func install(t *testing.T, dir string, change func(*Installation)) (string, error) {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "gokernel")
	if err := os.WriteFile(exe, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	in := Installation{Dir: dir, Name: Name, DisplayName: "Go", Exe: exe}
	if change != nil {
		change(&in)
	}
	return in.Write()
}

// names returns the names of the entries of dir, hidden ones included.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWrite(t *testing.T) {
	root := filepath.Join(t.TempDir(), "with a space", "kernels")
	for _, round := range []string{"first", "second"} {
		dir, err := install(t, root, func(in *Installation) { in.Env = map[string]string{"ROUND": round} })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}, names(t, dir)); diff != "" {
			t.Errorf("%s: files (-want +got)\n%s", round, diff)
		}
		spec, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		if spec.Env["ROUND"] != round || !spec.Ours() || !filepath.IsAbs(spec.Argv[0]) {
			t.Errorf("%s: got %+v", round, spec)
		}
		want := Spec{Argv: spec.Argv, DisplayName: "Go", Language: "go", InterruptMode: "message", ProtocolVersion: "5.5",
			Env: map[string]string{"ROUND": round}, Metadata: map[string]any{"debugger": false}}
		if diff := cmp.Diff(want, spec); diff != "" {
			t.Errorf("%s: kernel.json (-want +got)\n%s", round, diff)
		}
		if diff := cmp.Diff([]string{Name}, names(t, root)); diff != "" {
			t.Errorf("%s: left behind (-want +got)\n%s", round, diff)
		}
	}
}

func TestWriteCopiesAPassingBinary(t *testing.T) {
	dir, err := install(t, t.TempDir(), func(in *Installation) { in.Copy = true })
	if err != nil {
		t.Fatal(err)
	}
	spec, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "gokernel"); spec.Argv[0] != want {
		t.Errorf("argv[0] is %s, want %s", spec.Argv[0], want)
	}
	info, err := os.Stat(spec.Argv[0])
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode()&0o111 != 0o111 {
		t.Errorf("the copy has mode %v, want it executable by all", info.Mode())
	}
}

func TestWriteFailsWhole(t *testing.T) {
	foreign := t.TempDir()
	other := filepath.Join(foreign, Name)
	if err := os.Mkdir(other, 0o755); err != nil {
		t.Fatal(err)
	}
	json := []byte(`{"argv": ["/bin/other", "{connection_file}"], "display_name": "Other", "language": "go"}`)
	if err := os.WriteFile(filepath.Join(other, "kernel.json"), json, 0o644); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, dir string
		change    func(*Installation)
		want      string
	}{
		{"another's kernelspec", foreign, nil, "belongs to another kernel (Other)"},
		{"a bad name", foreign, func(in *Installation) { in.Name = "a b" }, `invalid kernel name "a b"`},
		{"a directory that cannot be made", filepath.Join(file, "kernels"), nil, "not a directory"},
		{"a program that is gone", t.TempDir(), func(in *Installation) { in.Copy, in.Exe = true, "/nowhere/gokernel" }, "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := install(t, tt.dir, tt.change)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, tt.want)
			}
			if tt.dir == foreign {
				if diff := cmp.Diff([]string{Name}, names(t, foreign)); diff != "" {
					t.Errorf("left behind (-want +got)\n%s", diff)
				}
			}
		})
	}
	if _, err := Remove(foreign, Name); !errors.Is(err, ErrForeign) {
		t.Errorf("Remove of another's kernelspec: got %v, want ErrForeign", err)
	}
	if _, err := install(t, foreign, func(in *Installation) { in.Replace = true }); err != nil {
		t.Errorf("with Replace: %v", err)
	}
}

func TestListAndRemove(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, dir := range []string{first, second} {
		if _, err := install(t, dir, nil); err != nil {
			t.Fatal(err)
		}
	}
	found, err := List(first, filepath.Join(first, "absent"), second)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || Shadowed(found, 0) || !Shadowed(found, 1) {
		t.Errorf("got %+v, want two of which the first shadows the second", found)
	}
	if _, err := Remove(first, Name); err != nil {
		t.Fatal(err)
	}
	if _, err := Remove(first, Name); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("second Remove: got %v, want ErrNotInstalled", err)
	}
	if left := names(t, first); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestIsPassing(t *testing.T) {
	for _, tt := range []struct {
		exe  string
		want bool
	}{
		{"/tmp/go-build123/b001/exe/gokernel", true},
		{"/home/ann/.cache/go-build/3f/3f09-d/gokernel", true},
		{"/cache/3f/3f09-d/gokernel", true}, // GOCACHE=/cache
		{"/home/ann/go/bin/gokernel", false},
		{"/home/ann/cache/gokernel", false},
	} {
		if got := isPassing(tt.exe, "/cache", ""); got != tt.want {
			t.Errorf("isPassing(%s) = %v, want %v", tt.exe, got, tt.want)
		}
	}
}
