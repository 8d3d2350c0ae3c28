package main

import (
	"flag"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the outputs that the scripts expect")

// TestMain lets the scripts run this test binary as "gokernel".
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gokernel": main})
}

// TestScripts runs each script of testdata/script in a directory and a home of its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			for _, name := range []string{"JUPYTER_DATA_DIR", "JUPYTER_PATH", "JUPYTER_PLATFORM_DIRS", "XDG_DATA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX"} {
				env.Setenv(name, "")
			}
			env.Setenv("HOME", env.WorkDir+"/home")
			// What has been compiled once serves all.
			cache, err := os.UserCacheDir()
			if err != nil {
				return err
			}
			env.Setenv("XDG_CACHE_HOME", cache)
			return nil
		},
	})
}
