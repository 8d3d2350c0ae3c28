package std

import (
	"encoding/json"
	"sync"
)

// docs caches the documentation that has been read, by import path.
var docs sync.Map // string -> map[string]string

// Doc returns the doc comment of a name in a package, as go/doc/comment parses it, or "" if there is none. The name is
// that of an exported declaration ("Printf"), of a method, field or interface method ("Buffer.Write", "Server.Addr",
// "Reader.Read"), or empty for the package itself. A name declared in a group without a comment of its own has that of
// the group. Beside the packages of Packages there is "builtin", with the predeclared names.
func Doc(path, name string) string {
	if d, ok := docs.Load(path); ok {
		return d.(map[string]string)[name]
	}
	d := readDocs(path)
	docs.Store(path, d)
	return d[name]
}

// readDocs answers damaged data as missing ones: what is documentation for if not for the reader's convenience. A test
// reads all of it.
func readDocs(path string) map[string]string {
	archive, member := docsArchive, path
	if Preloaded(path) {
		archive, member = preloadedArchive, "docs/"+path
	}
	a, err := archive()
	if err != nil {
		return nil
	}
	data, found, err := a.read(member)
	if err != nil || !found {
		return nil
	}
	var d map[string]string
	if err := json.Unmarshal(data, &d); err != nil {
		return nil
	}
	return d
}
