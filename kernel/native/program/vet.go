package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gokernel/kernel/native/toolchain"
)

// Vet runs `go vet` on a program and returns what it says, "" if nothing, with the positions of cells.
func (m *Module) Vet(ctx context.Context, tc *toolchain.Toolchain, p *Program) (said string, err error) {
	m.mu.Lock()
	m.serial++
	name := fmt.Sprintf("run-%d", m.serial)
	m.mu.Unlock()
	dir := filepath.Join(m.dir, name)
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := m.write(name+"/main.go", p.Source); err != nil {
		return "", err
	}
	_, err = tc.Output(ctx, m.dir, "vet", "./"+name)
	var refused *toolchain.Error
	if errors.As(err, &refused) {
		return Tidy(refused.Output, dir), nil
	}
	return "", err
}
