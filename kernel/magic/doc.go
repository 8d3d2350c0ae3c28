// Package magic takes the lines off a cell that are commands to the kernel and not Go.
//
//	%cd data               a line magic: name and arguments up to the end of the line
//	%%bash                 a cell magic: the first line; everything after it is its body
//	!ls -l | wc            a shell command; a line that ends in \ goes on in the next
//	$ ls -l                a command without a shell: words between blanks, as in gophernotes
//	name? name??           help on a name; ?name too
//	%%                     the rest of the cell is the body of func main, as in gonb
//	//gonb:%cd data        any of these behind gonb's prefix, for editors that know only Go
//
// # What is a magic and what is Go
//
// Parse reads the cell token by token, so a line inside a raw string or a comment is never a
// magic. A magic stands first on its line, outside of all brackets, where a statement may begin.
// There %, $ and ? can never be Go: a % that is the operator follows its left operand, and after
// an operand the end of a line ends the statement. Only ! is both. A line that begins
// with ! is Go if it is a Go expression and begins with a name that is declared, in
// this cell or for Parser.Known, or calls a function, which no shell could
// read; else it is a shell command: !ok after ok := true is Go, !ls is not.
//
// Parse knows syntax only. What a name does is in a Table of Commands: Commands
// returns those that need no notebook, and the notebook adds its own.
package magic
