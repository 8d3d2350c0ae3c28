package kernelspec

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Find returns the kernelspec of a name, whatever its case, from the first directory that has one it can read.
func Find(name string, dirs ...string) (Found, error) {
	found, err := List(dirs...)
	if err != nil {
		return Found{}, err
	}
	var names []string
	for _, f := range found {
		if f.Err == nil && strings.EqualFold(f.Name, name) {
			return f, nil
		}
		if f.Err == nil && !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return Found{}, fmt.Errorf("no kernel named %q; Jupyter knows of none here", name)
	}
	return Found{}, fmt.Errorf("no kernel named %q; there are %s", name, strings.Join(names, ", "))
}

// Command returns how to start the kernel of f, as jupyter_client would: {resource_dir} in the arguments is its folder,
// ${NAME} in the environment is a variable of ours, and a python that is not on the PATH is python3. {connection_file} is
// left for who starts it.
func (f Found) Command() (argv, env []string) {
	for _, a := range f.Spec.Argv {
		argv = append(argv, strings.ReplaceAll(a, "{resource_dir}", f.Dir))
	}
	if len(argv) > 0 && argv[0] == "python" {
		// That of the environment in which the kernelspec stands, if it stands in one.
		if own := filepath.Join(f.Dir, "..", "..", "..", "..", "bin", "python"); isFile(own) {
			argv[0] = filepath.Clean(own)
		} else if _, err := exec.LookPath("python"); err != nil {
			argv[0] = "python3"
		}
	}
	for name, value := range f.Spec.Env {
		env = append(env, name+"="+os.Expand(value, func(v string) string { return os.Getenv(v) }))
	}
	slices.Sort(env)
	return argv, env
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
