package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"gokernel/internal/kernelspec"
)

// target holds the flags that choose where Jupyter looks for the kernelspec: at most one of them.
type target struct {
	User      bool    `xor:"target" help:"For you alone, in Jupyter's data directory (the default)."`
	Prefix    *string `xor:"target" placeholder:"DIR" help:"Into the tree at DIR, below share/jupyter/kernels: a virtual environment, /usr/local."`
	SysPrefix bool    `xor:"target" help:"Into the Python environment that is active now."`
}

// dir returns the directory of kernelspecs chosen.
func (t target) dir(ctx context.Context) (string, error) {
	env := kernelspec.Current()
	switch {
	case t.Prefix != nil && *t.Prefix == "":
		return "", errors.New("--prefix is empty: name a directory, or leave it out to install for you alone")
	case t.Prefix != nil:
		prefix, err := filepath.Abs(*t.Prefix)
		if err != nil {
			return "", fmt.Errorf("resolving --prefix: %w", err)
		}
		return kernelspec.PrefixDir(prefix), nil
	case t.SysPrefix:
		prefix, err := env.SysPrefix(ctx)
		if err != nil {
			return "", err
		}
		return kernelspec.PrefixDir(prefix), nil
	}
	return env.UserDir()
}
