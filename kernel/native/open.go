package native

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"gokernel/kernel/native/toolchain"
)

// Open finds the Go toolchain and returns an engine whose units this program can load: a plugin must be built by the
// toolchain that built the program, with the same flags. The error says in one line what is missing and what to do. dir is
// as for NewEngine.
func Open(ctx context.Context, dir string) (*Engine, error) {
	tools, err := toolchain.Find(ctx, toolchain.Config{})
	if err != nil {
		return nil, err
	}
	if tools.Version != runtime.Version() {
		return nil, fmt.Errorf("the Go toolchain is %s, but gokernel was built with %s: compiled cells need the same version", tools.Version, runtime.Version())
	}
	flags := toolchain.Flags{Untrimmed: true}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "-trimpath" && s.Value == "true":
				flags.Untrimmed = false
			case s.Key == "-race" && s.Value == "true":
				flags.Race = true
			case s.Key == "CGO_ENABLED" && s.Value == "0":
				return nil, fmt.Errorf("gokernel was built without cgo and cannot load compiled code: build it with CGO_ENABLED=1 and a C compiler")
			}
		}
	}
	return NewEngine(tools, flags, dir)
}
