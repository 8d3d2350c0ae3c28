package program

import (
	"context"

	"gokernel/kernel/native/toolchain"
)

// A local is a directory that %use has brought.
type local struct{}

// follow takes in what has changed in local packages.
func (m *Module) follow(context.Context, *toolchain.Toolchain) error { return nil }
