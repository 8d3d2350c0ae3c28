package kernelspec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindAndCommand(t *testing.T) {
	t.Setenv("WHERE", "here")
	first, second := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "kernel.json"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(first, "broken", "{")
	write(second, "broken", `{"argv": ["good"]}`)
	write(first, "cool", `{"argv": ["run", "{resource_dir}/x", "{connection_file}"], "env": {"B": "${WHERE}/b", "A": "1"}}`)
	write(second, "cool", `{"argv": ["other"]}`)

	found, err := Find("Cool", first, second)
	if err != nil {
		t.Fatal(err)
	}
	argv, env := found.Command()
	if diff := cmp.Diff([]string{"run", filepath.Join(first, "cool") + "/x", "{connection_file}"}, argv); diff != "" {
		t.Errorf("argv (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A=1", "B=here/b"}, env); diff != "" {
		t.Errorf("env (-want +got):\n%s", diff)
	}
	if found, err := Find("broken", first, second); err != nil || found.Spec.Argv[0] != "good" {
		t.Errorf("got %v, %v, want the one that can be read", found, err)
	}
	if _, err := Find("none", first, second); err == nil || !strings.Contains(err.Error(), `no kernel named "none"; there are cool, broken`) {
		t.Errorf("got %v", err)
	}
	if _, err := Find("none"); err == nil {
		t.Error("found a kernel in no directory")
	}
}
