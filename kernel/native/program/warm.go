package program

import (
	"context"

	"gokernel/kernel/check/std"
	"gokernel/kernel/native/toolchain"
)

// Warm compiles all of the standard library for programs of cells, as far as the build cache lacks it, with the race
// detector or without. Without it, the first `%%race` on a machine takes as long as the compilation of what it imports.
func Warm(ctx context.Context, race bool) error {
	tc, err := toolchain.Find(ctx, toolchain.Config{})
	if err != nil {
		return err
	}
	imports := append(std.Packages(), "testing/internal/testdeps")
	kept := imports[:0]
	for _, path := range imports {
		if !std.Preloaded(path) {
			kept = append(kept, path)
		}
	}
	_, err = tc.Packages(ctx, "", kept, toolchain.Flags{Race: race})
	return err
}
