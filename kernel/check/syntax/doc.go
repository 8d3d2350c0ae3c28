// Package syntax is the parser of the Go compiler, for its words: go/parser says "expected ')', found newline" where the
// compiler says "unexpected newline in argument list; possibly missing comma or )".
//
// The compiler's package cannot be imported, so it is generated here from the Go distribution, file by file and without
// a change but for the heading. Only the reports are used: what cells mean is decided by go/ast and go/types.
package syntax

//go:generate go run ./generate
