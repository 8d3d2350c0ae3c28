package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// root is the repository's.
const root = "../.."

// pages returns README.md and the pages of docs and deploy, by their names from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"README.md", "docs/*.md", "deploy/*.md", "deploy/*/*.md"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				t.Fatal(err)
			}
			found[rel] = string(b)
		}
	}
	return found
}

// model returns the commands and flags as the parser knows them.
func model(t *testing.T) *kong.Application {
	t.Helper()
	p, err := parser(&cli{}, streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return p.Model
}

// help returns what a command prints when asked for help.
func help(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	p, err := parser(&cli{}, streams{out: &out, err: &out}, func(int) { panic(t) })
	if err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if r := recover(); r != t {
				t.Fatalf("gokernel %v --help did not end: %v", args, r)
			}
		}()
		_, _ = p.Parse(append(args, "--help"))
	}()
	return out.String()
}

// TestCommandsPage holds docs/commands.md to what the commands themselves say; -update writes it.
func TestCommandsPage(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	var b strings.Builder
	b.WriteString("# Commands\n\nWhat `gokernel help` prints, and `gokernel help COMMAND` for each command. " +
		"This page is made from that by\n`go test ./cmd/gokernel -update`.\n\n")
	fmt.Fprintf(&b, "```\n%s```\n", help(t))
	for _, c := range model(t).Children {
		if !c.Hidden {
			fmt.Fprintf(&b, "\n## gokernel %s\n\n```\n%s```\n", c.Name, help(t, c.Name))
		}
	}
	name := filepath.Join(root, "docs", "commands.md")
	if *update {
		if err := os.WriteFile(name, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(got)); diff != "" {
		t.Errorf("docs/commands.md is not what the commands say (-want +got); go test ./cmd/gokernel -update mends it:\n%s", diff)
	}
}

var (
	call     = regexp.MustCompile("\\bgokernel ([a-z]+)\\b([^\n`|]*)")
	longFlag = regexp.MustCompile(`(?:^|[\s\[])--([a-z][a-z-]*)`)
)

// notCommands are words that follow the name of the program in prose, or that of the image, which is the same.
var notCommands = map[string]bool{"lab": true, "gokernel": true, "and": true, "is": true, "itself": true, "needs": true, "does": true, "says": true, "was": true}

// TestDocumentedCommandsExist checks every call of gokernel in the documentation, flags included.
func TestDocumentedCommandsExist(t *testing.T) {
	commands := map[string]map[string]bool{}
	for _, c := range model(t).Children {
		commands[c.Name] = map[string]bool{"help": true}
		for _, f := range c.Flags {
			commands[c.Name][f.Name] = true
		}
	}
	commands["help"] = map[string]bool{}
	calls := 0
	for page, text := range pages(t) {
		for _, m := range call.FindAllStringSubmatch(text, -1) {
			name, rest := m[1], m[2]
			flags, ok := commands[name]
			if !ok {
				if !notCommands[name] {
					t.Errorf("%s: there is no command %q: %s", page, name, m[0])
				}
				continue
			}
			calls++
			rest, _, _ = strings.Cut(rest, "#")
			for _, f := range longFlag.FindAllStringSubmatch(rest, -1) {
				if !flags[f[1]] {
					t.Errorf("%s: gokernel %s has no flag --%s: %s", page, name, f[1], m[0])
				}
			}
		}
	}
	if calls < 20 {
		t.Errorf("%d calls were found in the documentation: the test does not see them", calls)
	}
}

var variable = regexp.MustCompile(`\bGOKERNEL_[A-Z_]+\b`)

// TestDocumentedVariablesExist checks that each GOKERNEL_… variable of the documentation is read somewhere.
func TestDocumentedVariablesExist(t *testing.T) {
	known := map[string]bool{}
	for _, dir := range []string{"cmd", "kernel", "internal", "clients", "deploy", "Makefile"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && d.Name() == "node_modules" {
					return fs.SkipDir
				}
				return err
			}
			if ext := filepath.Ext(name); ext == ".md" || ext == ".zip" || strings.HasSuffix(name, "_test.go") {
				return nil
			}
			b, err := os.ReadFile(name)
			for _, v := range variable.FindAllString(string(b), -1) {
				known[v] = true
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	for page, text := range pages(t) {
		for _, v := range variable.FindAllString(text, -1) {
			if !known[v] {
				t.Errorf("%s: nothing reads %s", page, v)
			}
		}
	}
}

var (
	link  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence = regexp.MustCompile("(?ms)^```.*?^```")
)

// TestLinks checks that links between pages lead somewhere, and that README leads to every page of docs.
func TestLinks(t *testing.T) {
	all := pages(t)
	fromReadme := map[string]bool{}
	for page, text := range all {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			name := page
			if target != "" {
				name = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s: %s leads nowhere", page, m[1])
			}
			if anchor != "" && !anchors(all[name])[anchor] {
				t.Errorf("%s: %s has no heading #%s", page, name, anchor)
			}
			if page == "README.md" {
				fromReadme[name] = true
			}
		}
	}
	for page := range all {
		if strings.HasPrefix(page, "docs/") && !fromReadme[page] {
			t.Errorf("README.md does not lead to %s", page)
		}
	}
}

// anchors returns what headings can be linked to by.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		slug := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		found[strings.ReplaceAll(slug, " ", "-")] = true
	}
	return found
}
