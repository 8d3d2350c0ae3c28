package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"gokernel/internal/client"
	"gokernel/internal/kernelspec"
	"gokernel/internal/nbformat"
	"gokernel/internal/nbrun"
)

// ownKernel returns how to start this program as the kernel of a notebook.
func ownKernel() (nbrun.Kernel, error) {
	if err := checkVariables(os.Getenv); err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program's file: %w", err)
	}
	return func(nb *nbformat.Notebook) (client.Config, error) {
		if language := languageOf(nb); language != "" && language != "go" {
			return client.Config{}, fmt.Errorf("the notebook is in %s, and this kernel runs Go", language)
		}
		return client.Config{Argv: []string{exe, "kernel", "-f", "{connection_file}"}}, nil
	}, nil
}

// namedKernel returns how to start the kernel that Jupyter knows by a name. What it does wrong in the protocol is its
// makers' to mend.
func namedKernel(ctx context.Context, name string) (nbrun.Kernel, error) {
	env := kernelspec.Current()
	dirs := env.SearchPath()
	if prefix, err := env.SysPrefix(ctx); err == nil { // without Python there are none of Python's
		dirs = append(dirs, kernelspec.PrefixDir(prefix))
	}
	found, err := kernelspec.Find(name, dirs...)
	if err != nil {
		return nil, err
	}
	argv, variables := found.Command()
	return func(*nbformat.Notebook) (client.Config, error) {
		return client.Config{Argv: argv, Env: variables, BySignal: found.Spec.InterruptMode != "message"}, nil
	}, nil
}

// languageOf returns the language that the notebook's metadata names, "" if none.
func languageOf(nb *nbformat.Notebook) string {
	for _, at := range []struct{ object, field string }{{"kernelspec", "language"}, {"language_info", "name"}} {
		if object, ok := nb.Metadata[at.object].(map[string]any); ok {
			if language, ok := object[at.field].(string); ok && language != "" {
				return language
			}
		}
	}
	return ""
}

// told turns the error of a command that has reported its failures into an exit status.
func told(err error) error {
	if errors.Is(err, nbrun.ErrFailed) {
		return exitStatus(1)
	}
	return err
}
