package lessons

import (
	"embed"
	"io/fs"
)

//go:embed */*.go */*.json */*.md *.md
var source embed.FS

// Source returns the lessons that this program was built with, for All.
func Source() fs.FS { return source }
